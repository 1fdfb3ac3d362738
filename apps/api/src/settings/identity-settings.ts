import { hash } from "node:crypto";
import * as z from "zod";
import { integer } from "./setting-rules.ts";

/** A key under its name; what is kept of the key is its SHA-256, which suffices for 128 random bits and more. */
export interface NamedKey {
  readonly name: string;
  /** 32 bytes. */
  readonly digest: Buffer;
}

/** `name:key` or `key`; a key has only characters that a header takes, and the log writes a name without escaping. */
const ENTRY = /^(?:([A-Za-z0-9][\w.@+-]{0,63}):)?([\w.~+/=-]{16,256})$/;

const RULE =
  "must be keys of 16 or more letters, digits and -._~+/=, as key or name:key, by commas";

/** SHA-256 of a key. */
export function keyDigest(key: string): Buffer {
  return hash("sha256", key, "buffer");
}

/** Keys of a variable; one without a name goes by its place, from 1. */
const keyList = z.string().transform((text, context): NamedKey[] => {
  const keys: NamedKey[] = [];
  for (const item of text.split(",").map((part) => part.trim())) {
    if (item === "") continue;
    const [, name = String(keys.length + 1), key] = ENTRY.exec(item) ?? [];
    if (key === undefined) context.addIssue(RULE);
    else if (keys.some((other) => other.name === name)) {
      context.addIssue(`names the key ${name} twice`);
    } else keys.push({ name, digest: keyDigest(key) });
  }
  // Without a key everybody would be let in.
  if (keys.length === 0 && context.issues.length === 0) context.addIssue(RULE);
  return keys;
});

/** Shortest secret of HS256, in characters: RFC 7518 asks for 256 bits. */
const MIN_SECRET_LENGTH = 32;

/** Who may call: settings of the API, part of `settings.ts`. */
export const identitySettings = {
  API_KEYS_FILE: z.string().optional().meta({
    description: "File of API keys, written by `pnpm keys:add`; reloaded when it changes.",
  }),
  API_KEYS: keyList.default([]).meta({
    description: "API keys; without keys and users the server is open to all callers.",
    rule: "`key` or `name:key`, separated by commas; a key has 16 or more of letters, digits, `-._~+/=`",
    secret: true,
  }),
  USERS_FILE: z.string().optional().meta({
    description:
      "File of the users for `POST /login`, written by `pnpm users:add`; reloaded when it changes.",
  }),
  IDENTITY_FILE_GRACE_S: integer(0, 86_400).default(60).meta({
    description:
      "How long the previous keys and users apply while their file cannot be read or parsed, in seconds; after that, the file admits no caller.",
  }),
  JWT_SECRET: z
    .string()
    .min(MIN_SECRET_LENGTH, `must have at least ${MIN_SECRET_LENGTH} characters`)
    .optional()
    .meta({ description: "Signs and checks bearer tokens (HS256).", secret: true }),
  JWT_ISSUER: z.string().default("sepal").meta({ description: "Issuer of the tokens." }),
  JWT_AUDIENCE: z.string().default("sepal").meta({ description: "Audience of the tokens." }),
  JWT_TTL_S: integer(1, 31_536_000)
    .default(3600)
    .meta({ description: "Lifetime of a token from `POST /login`, in seconds." }),
  ADMIN_KEYS: keyList.default([]).meta({
    description: "Keys for admin routes; without any, admin routes do not exist.",
    rule: "as `API_KEYS`",
    secret: true,
  }),
};

const identity = z.object(identitySettings);

/** The settings of this part, as the server uses them. */
export type IdentitySettings = z.infer<typeof identity>;
