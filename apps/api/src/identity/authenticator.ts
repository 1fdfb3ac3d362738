import type { IncomingHttpHeaders } from "node:http";
import { SepalError } from "@sepal/schema/sepal-error";
import type { Settings } from "../settings.ts";
import { KeyIndex } from "./key-index.ts";
import { keyDigest } from "./named-key.ts";

/** Who sent a request. */
export interface Caller {
  /** Such as `key:nightly`, `user:ada` or `admin:ops`. */
  readonly id: string;
  readonly admin: boolean;
}

const BEARER = /^bearer +(\S+) *$/i;

/** The failure of a request whose sender is not known. */
function unauthorized(message: string, challenge: string): SepalError {
  return new SepalError("unauthorized", message, {
    headers: { "www-authenticate": challenge },
  });
}

/** The key or token of a request, from `x-api-key` or `authorization: Bearer`. */
function credentialOf(headers: IncomingHttpHeaders): string {
  const key = headers["x-api-key"];
  if (typeof key === "string") return key;
  const { authorization } = headers;
  if (authorization === undefined) {
    throw unauthorized(
      "an API key or a bearer token is needed",
      'Bearer realm="sepal", ApiKey realm="sepal"',
    );
  }
  const token = BEARER.exec(authorization)?.[1];
  if (token !== undefined) return token;
  throw unauthorized('authorization should be "Bearer …"', 'Bearer realm="sepal"');
}

/** Tells who sends a request, by its key. */
export class Authenticator {
  readonly #keys: KeyIndex;
  readonly #admins: KeyIndex;

  constructor({ API_KEYS, ADMIN_KEYS }: Pick<Settings, "API_KEYS" | "ADMIN_KEYS">) {
    this.#keys = new KeyIndex(API_KEYS);
    this.#admins = new KeyIndex(ADMIN_KEYS);
  }

  /** Whether callers have to say who they are. */
  get guarded(): boolean {
    return this.#keys.size > 0;
  }

  /** Whether there is anybody whom admin routes could let in. */
  get hasAdmins(): boolean {
    return this.#admins.size > 0;
  }

  /** The sender of a request; fails with `unauthorized`. */
  identify(headers: IncomingHttpHeaders): Caller {
    const digest = keyDigest(credentialOf(headers));
    const key = this.#keys.find(digest);
    if (key !== undefined) return { id: `key:${key.name}`, admin: false };
    const admin = this.#admins.find(digest);
    if (admin !== undefined) return { id: `admin:${admin.name}`, admin: true };
    throw unauthorized("the key is not known", 'Bearer realm="sepal", error="invalid_token"');
  }
}
