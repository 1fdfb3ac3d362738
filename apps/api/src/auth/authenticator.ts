import type { IncomingHttpHeaders } from "node:http";
import type { IdentitySettings } from "../settings/identity-settings.ts";
import { KeyIndex } from "./key-index.ts";
import { keyDigest } from "../settings/named-key.ts";
import type { Tokens } from "./tokens.ts";
import { unauthorized, unverified } from "./unauthorized.ts";

/** Who sent a request. */
export interface Caller {
  /** Such as `key:nightly`, `user:ada` or `admin:ops`. */
  readonly id: string;
  readonly admin: boolean;
}

/** Where keys and tokens that may change are looked up. */
interface CredentialSources {
  /** The keys of a file as they are now; `undefined` while the file is closed. */
  readonly fileKeys?: (() => KeyIndex | undefined) | undefined;
  readonly tokens?: Tokens | undefined;
}

const BEARER = /^bearer +(\S+) *$/i;

/** What every token looks like: three parts, of which the first is a JSON object. */
const TOKEN = /^eyJ[\w-]+\.[\w-]+\.[\w-]*$/;

/** The key or token of a request, from `x-api-key` or `authorization: Bearer`. */
function credentialOf({ "x-api-key": key, authorization }: IncomingHttpHeaders): string {
  if (typeof key === "string") return key;
  if (authorization === undefined) throw unauthorized("an API key or a bearer token is needed");
  const token = BEARER.exec(authorization)?.[1];
  if (token !== undefined) return token;
  throw unauthorized('authorization should be "Bearer …"');
}

/** Tells who sends a request, by its key or token. */
export class Authenticator {
  readonly #keys: KeyIndex;
  readonly #admins: KeyIndex;
  readonly #sources: CredentialSources;

  constructor(
    { API_KEYS, ADMIN_KEYS }: Pick<IdentitySettings, "API_KEYS" | "ADMIN_KEYS">,
    sources: CredentialSources = {},
  ) {
    this.#keys = new KeyIndex(API_KEYS);
    this.#admins = new KeyIndex(ADMIN_KEYS);
    this.#sources = sources;
  }

  /** Whether callers have to say who they are; a key file without keys lets nobody in. */
  get guarded(): boolean {
    const { fileKeys, tokens } = this.#sources;
    return this.#keys.size > 0 || fileKeys !== undefined || tokens !== undefined;
  }

  /** Whether there is anybody whom admin routes could let in. */
  get hasAdmins(): boolean {
    return this.#admins.size > 0;
  }

  /** The sender of a request, at once unless a token has to be checked; fails with `unauthorized`, or with `unavailable` where it cannot be verified. */
  identify(headers: IncomingHttpHeaders): Caller | Promise<Caller> {
    const credential = credentialOf(headers);
    const digest = keyDigest(credential);
    const { fileKeys, tokens } = this.#sources;
    const keysOfFile = fileKeys?.();
    const key = this.#keys.find(digest) ?? keysOfFile?.find(digest);
    if (key !== undefined) return { id: `key:${key.name}`, admin: false };
    const admin = this.#admins.find(digest);
    if (admin !== undefined) return { id: `admin:${admin.name}`, admin: true };
    if (tokens === undefined || !TOKEN.test(credential)) {
      if (fileKeys !== undefined && keysOfFile === undefined) {
        throw unverified("API_KEYS_FILE");
      }
      throw unauthorized("the key is not known", "invalid_token");
    }
    const user = tokens.verify(credential);
    return user instanceof Promise ? user.then(userCaller) : userCaller(user);
  }
}

function userCaller(user: string | undefined): Caller {
  if (user !== undefined) return { id: `user:${user}`, admin: false };
  throw unauthorized("the token is not good, or no longer", "invalid_token");
}
