import * as z from "zod";
import { integer } from "./setting-rules.ts";
import { keyList } from "./named-key.ts";

/** Shortest secret of HS256, in characters: RFC 7518 asks for 256 bits. */
const MIN_SECRET_LENGTH = 32;

/** Who may call: settings of the API, part of `settings.ts`. */
export const identitySettings = {
  API_KEYS_FILE: z.string().optional().meta({
    description: "Keys of callers, as `pnpm keys:add` writes them; read again when it changes.",
  }),
  API_KEYS: keyList.default([]).meta({
    description: "Keys of callers; without keys and users everybody is let in.",
    rule: "`key` or `name:key`, separated by commas; a key has 16 or more of letters, digits, `-._~+/=`",
    secret: true,
  }),
  USERS_FILE: z.string().optional().meta({
    description:
      "Users that `POST /login` knows, as `pnpm users:add` writes them; read again when it changes.",
  }),
  IDENTITY_FILE_GRACE_S: integer(0, 86_400).default(60).meta({
    description:
      "How long keys and users that were read before hold while their file cannot be read or parsed, in seconds; after that nobody is let in by that file.",
  }),
  JWT_SECRET: z
    .string()
    .min(MIN_SECRET_LENGTH, `must have at least ${MIN_SECRET_LENGTH} characters`)
    .optional()
    .meta({ description: "Signs and checks bearer tokens (HS256).", secret: true }),
  JWT_ISSUER: z.string().default("sepal").meta({ description: "Who issues tokens." }),
  JWT_AUDIENCE: z.string().default("sepal").meta({ description: "Whom tokens are for." }),
  JWT_TTL_S: integer(1, 31_536_000)
    .default(3600)
    .meta({ description: "How long a token of `POST /login` is good, in seconds." }),
  ADMIN_KEYS: keyList.default([]).meta({
    description:
      "Keys of those who may change what is served; without any, admin routes do not exist.",
    rule: "as `API_KEYS`",
    secret: true,
  }),
};

const identity = z.object(identitySettings);

/** The settings of this part, as the server uses them. */
export type IdentitySettings = z.infer<typeof identity>;
