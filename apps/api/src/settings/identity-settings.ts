import { hash } from "node:crypto";
import * as z from "zod";
import { isIPv4, isIPv6 } from "node:net";
import { integer, list } from "./setting-rules.ts";

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

/** Whether a host is this machine: there is nobody in between who could change what is fetched from it. */
function isLoopback(host: string): boolean {
  if (host === "localhost") return true;
  if (isIPv4(host)) return host.startsWith("127.");
  return isIPv6(host.slice(1, -1)) && host === "[::1]";
}

/** Whether keys may be fetched from an address: https, or http on a loopback address. */
export function isIssuerAddress(text: string): boolean {
  const address = URL.parse(text);
  if (address === null || address.username !== "" || address.password !== "") return false;
  const { protocol, hostname } = address;
  return protocol === "https:" || (protocol === "http:" && isLoopback(hostname));
}

const ISSUER_RULE =
  "must be https addresses without query, fragment and credentials (http on a loopback address), as the issuer's tokens have them in iss, separated by commas";

/** Issuers exactly as their tokens name them. */
const issuerList = list.superRefine((issuers, context) => {
  const wrong = (text: string) => !isIssuerAddress(text) || /[?#"\\\s]/.test(text);
  if (issuers.length === 0 || issuers.some(wrong)) context.addIssue(ISSUER_RULE);
  else if (new Set(issuers).size < issuers.length) context.addIssue("names an issuer twice");
});

/** A claim of a token and the value it has to have. */
export interface ClaimRule {
  readonly claim: string;
  readonly value: string;
}

const CLAIM_RULE = "must be claim=value, such as roles=sepal-admin";

const claimRule = z.string().transform((text, context): ClaimRule => {
  const [, claim, value] = /^([^\s=]+(?:=[^\s=]+)*)=([^\s=]+)$/.exec(text.trim()) ?? [];
  if (claim === undefined || value === undefined) {
    context.addIssue(CLAIM_RULE);
    return z.NEVER;
  }
  return { claim, value };
});

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
  OIDC_ISSUERS: issuerList.default([]).meta({
    description:
      "OpenID Connect issuers whose tokens are accepted; `/.well-known/openid-configuration` of each names its keys.",
    rule: ISSUER_RULE.replace(/^must be /, ""),
  }),
  OIDC_AUDIENCE: list.default([]).meta({
    description: "Accepted audiences of those tokens; required with `OIDC_ISSUERS`.",
    rule: "texts separated by commas",
  }),
  OIDC_ADMIN: claimRule.optional().meta({
    description:
      "Claim and value that give a token admin rights; the claim is a text, words or a list, its name may be a path such as `realm_access.roles`.",
    rule: CLAIM_RULE.replace(/^must be /, ""),
  }),
  OIDC_REFRESH_S: integer(1, 86_400).default(300).meta({
    description: "Interval between fetches of the issuers' keys, in seconds.",
  }),
  OIDC_GRACE_S: integer(0, 604_800).default(3600).meta({
    description:
      "How long the previous keys of an issuer apply after a refresh that failed, in seconds; after that its tokens are rejected with 503.",
  }),
  ADMIN_KEYS: keyList.default([]).meta({
    description: "Keys for admin routes; without any, admin routes do not exist.",
    rule: "as `API_KEYS`",
    secret: true,
  }),
};

const identity = z.object(identitySettings);

/** The settings of this part, as the server uses them. */
export type IdentitySettings = z.infer<typeof identity>;

/** What is wrong with settings that are each right: a line for the first of it. */
export function identityConflict(settings: IdentitySettings): string | undefined {
  const { OIDC_ISSUERS: issuers, OIDC_AUDIENCE: audience, OIDC_ADMIN: admin } = settings;
  const { JWT_SECRET: secret, JWT_ISSUER: own } = settings;
  if (issuers.length === 0) {
    if (audience.length > 0) return "OIDC_ISSUERS must be set where OIDC_AUDIENCE is";
    return admin === undefined ? undefined : "OIDC_ISSUERS must be set where OIDC_ADMIN is";
  }
  if (audience.length === 0) {
    return "OIDC_AUDIENCE must be set where OIDC_ISSUERS is: without it tokens for any other service would be taken";
  }
  if (secret === undefined || !issuers.includes(own)) return undefined;
  return `JWT_ISSUER and OIDC_ISSUERS both name ${own}: give the server's own tokens another issuer`;
}
