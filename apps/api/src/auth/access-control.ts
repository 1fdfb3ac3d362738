import { SepalError } from "@sepal/schema/sepal-error";
import type { IncomingHttpHeaders } from "node:http";
import { unavailable } from "@sepal/schema/unavailable";
import { addressOwner } from "../rate-limit/client-address.ts";
import { quotaHeaders, type Quota, type QuotaGrant } from "../rate-limit/quota.ts";
import type { QuotaPolicy } from "../settings/quota-settings.ts";
import { keyDigest, type IdentitySettings } from "../settings/identity-settings.ts";
import { KeyIndex } from "./key-index.ts";
import type { OidcTokens } from "./oidc-tokens.ts";
import type { Tokens, VerifiedToken } from "./tokens.ts";

/** Who may call a route: everyone, callers with a credential where any is configured, or admins. */
export type Access = "open" | "known" | "admin";

/** What admission reads of a request, and where it notes the caller and how its quota stands. */
interface Admitted {
  readonly headers: IncomingHttpHeaders;
  /** Address of the client. */
  readonly ip: string;
  readonly call: { caller: string | undefined; expires?: number | undefined };
  setHeaders(headers: Readonly<Record<string, string>>): unknown;
}

interface AdmissionOptions {
  readonly authenticator: Authenticator;
  readonly quota: Quota;
  /** How much each caller may call; absent, as much as it likes. */
  readonly rateLimit: QuotaPolicy | undefined;
}

/** Decides on each request: its caller, whether that caller may call the route, and whether its quota allows it. */
export class Admission {
  readonly #authenticator: Authenticator;
  readonly #quota: Quota;
  readonly #rateLimit: QuotaPolicy | undefined;

  constructor({ authenticator, quota, rateLimit }: AdmissionOptions) {
    this.#authenticator = authenticator;
    this.#quota = quota;
    this.#rateLimit = rateLimit;
  }

  /**
   * Lets a request in that counts as `calls`, at once where everything needed is at hand; fails with `unauthorized`,
   * `forbidden` or `too_many_requests`.
   */
  admit(request: Admitted, access: Access, calls: number): Promise<void> | undefined {
    if (access === "open") return undefined;
    const admin = access === "admin";
    if (!admin && !this.#authenticator.guarded) return this.#count(request, calls);
    let caller: Caller | Promise<Caller>;
    try {
      caller = this.#authenticator.identify(request.headers);
    } catch (error) {
      return this.#countStranger(request, error);
    }
    const enter = (known: Caller) => {
      request.call.caller = known.id;
      request.call.expires = known.expires;
      if (admin && !known.admin) {
        throw new SepalError("forbidden", `${this.#authenticator.adminCredential} is needed`);
      }
      return this.#count(request, calls);
    };
    if (!(caller instanceof Promise)) return enter(caller);
    return caller.then(enter, (error) => this.#countStranger(request, error));
  }

  #count(request: Admitted, calls: number): Promise<void> | undefined {
    const policy = this.#rateLimit;
    if (policy === undefined) return undefined;
    const owner = request.call.caller ?? addressOwner(request.ip);
    const grant = this.#quota.spend(policy, owner, calls);
    const send = (known: QuotaGrant) => void request.setHeaders(quotaHeaders(policy, known));
    return grant instanceof Promise ? grant.then(send) : send(grant);
  }

  /** Rejects a request whose sender is not known; guessing uses up the quota of its address. */
  #countStranger(request: Admitted, rejection: unknown): Promise<void> {
    const policy = this.#rateLimit;
    if (policy === undefined) throw rejection;
    const spent = this.#quota.spend(policy, addressOwner(request.ip), 1);
    return Promise.resolve(spent).then(() => {
      throw rejection;
    });
  }
}

/** The sender of a request. */
export interface Caller {
  /** Such as `key:nightly`, `user:ada`, `admin:ops` or `oidc:https://login.example.com#7f3c`. */
  readonly id: string;
  readonly admin: boolean;
  /** When its token ends, in milliseconds since the epoch; absent for a key. */
  readonly expires?: number;
}

/** Where keys and tokens that may change are looked up. */
interface CredentialSources {
  /** The keys of a file as they are now; `undefined` while the file is closed. */
  readonly fileKeys?: (() => KeyIndex | undefined) | undefined;
  readonly tokens?: Tokens | undefined;
  /** Tokens of OpenID Connect issuers. */
  readonly oidc?: OidcTokens | undefined;
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

/** Identifies the caller of a request by its key or token. */
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

  /** Whether callers need a credential; a key file without keys lets no caller in. */
  get guarded(): boolean {
    const { fileKeys, tokens, oidc } = this.#sources;
    return (
      this.#keys.size > 0 || fileKeys !== undefined || tokens !== undefined || oidc !== undefined
    );
  }

  /** Whether there are admin keys, or tokens of admins. */
  get hasAdmins(): boolean {
    return this.#admins.size > 0 || this.#sources.oidc?.hasAdmins === true;
  }

  /** What an admin has, for a message. */
  get adminCredential(): string {
    if (this.#sources.oidc?.hasAdmins !== true) return "an admin key";
    return "an admin key, or a token with the claim of OIDC_ADMIN,";
  }

  /** The sender of a request, at once unless a token has to be checked; fails with `unauthorized`, or with `unavailable` where it cannot be verified. */
  identify(headers: IncomingHttpHeaders): Caller | Promise<Caller> {
    const credential = credentialOf(headers);
    const digest = keyDigest(credential);
    const { fileKeys, tokens, oidc } = this.#sources;
    const keysOfFile = fileKeys?.();
    const key = this.#keys.find(digest) ?? keysOfFile?.find(digest);
    if (key !== undefined) return { id: `key:${key.name}`, admin: false };
    const admin = this.#admins.find(digest);
    if (admin !== undefined) return { id: `admin:${admin.name}`, admin: true };
    const isToken = TOKEN.test(credential);
    const sender = isToken ? oidc?.identify(credential) : undefined;
    if (sender !== undefined) return sender;
    if (tokens === undefined || !isToken) {
      if (fileKeys !== undefined && keysOfFile === undefined) {
        throw unverified("API_KEYS_FILE");
      }
      throw unauthorized("the key is not known", "invalid_token");
    }
    const token = tokens.verify(credential);
    return token instanceof Promise ? token.then(userCaller) : userCaller(token);
  }
}

function userCaller(token: VerifiedToken | undefined): Caller {
  if (token !== undefined) {
    return { id: `user:${token.user}`, admin: false, expires: token.expires };
  }
  throw unauthorized("the token is not good, or no longer", "invalid_token");
}

/** The failure of a request whose sender is not known; `fault` is RFC 6750's word for a credential that was sent. */
export function unauthorized(message: string, fault?: "invalid_token"): SepalError {
  const bearer = `Bearer realm="sepal"${fault === undefined ? "" : `, error="${fault}"`}`;
  return new SepalError("unauthorized", message, {
    headers: { "www-authenticate": `${bearer}, ApiKey realm="sepal"` },
  });
}

/** Seconds after which a caller that could not be verified may try again. */
const UNVERIFIED_RETRY_S = 5;

/** Settings of what may not be at hand when a credential is verified. */
export type IdentitySource = "API_KEYS_FILE" | "USERS_FILE" | "OIDC_ISSUERS";

/** The failure of a request whose credential cannot be verified, since what a setting names cannot be used. */
export function unverified(setting: IdentitySource): SepalError {
  return unavailable(`the credential cannot be verified: the server cannot use its ${setting}`, {
    retryS: UNVERIFIED_RETRY_S,
  });
}
