import { decodeJwt, errors, jwtVerify, type JWTPayload, type LocalJWKSet } from "jose";
import type { Logger } from "pino";
import type { ClaimRule, IdentitySettings } from "../settings/identity-settings.ts";
import { unauthorized, unverified, type Caller } from "./access-control.ts";
import { IssuerKeys } from "./issuer-keys.ts";
import { TokenMemory } from "./tokens.ts";

/** Signatures by a key pair: with a shared secret the server, or who reads a public key, could sign too. */
const ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];

/** Difference of the issuer's clock and this one's that is overlooked, in seconds. */
const CLOCK_TOLERANCE_S = 30;

/** What a subject may be: ASCII (OpenID Connect Core, 2) that the log can write without escaping. */
const SUBJECT = /^[\u0021\u0023-\u005B\u005D-\u007E]{1,255}$/;

interface Issuer {
  readonly name: string;
  readonly keys: IssuerKeys;
}

/** A caller whose token was checked, and with which keys. */
interface CheckedCaller extends Caller {
  readonly expires: number;
  readonly issuer: Issuer;
  readonly set: LocalJWKSet;
}

/** The claim by its whole name, else by a path with dots, such as `realm_access.roles`. */
function claimOf(payload: JWTPayload, name: string): unknown {
  if (Object.hasOwn(payload, name)) return payload[name];
  let value: unknown = payload;
  for (const key of name.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

/** Whether a claim has a value: it is that text, one of its words (as in `scope`), or a list with it. */
function grants({ claim, value }: ClaimRule, payload: JWTPayload): boolean {
  const found = claimOf(payload, claim);
  if (Array.isArray(found)) return found.includes(value);
  return typeof found === "string" && (found === value || found.split(" ").includes(value));
}

/** Checks the bearer tokens of OpenID Connect issuers. */
export class OidcTokens {
  readonly #issuers: readonly Issuer[];
  readonly #audience: string[];
  readonly #admin: ClaimRule | undefined;
  readonly #memory = new TokenMemory<CheckedCaller>(CLOCK_TOLERANCE_S * 1000);

  constructor(settings: IdentitySettings, logger: Logger) {
    const { OIDC_ISSUERS, OIDC_AUDIENCE, OIDC_ADMIN, OIDC_REFRESH_S, OIDC_GRACE_S } = settings;
    const times = { refreshMs: OIDC_REFRESH_S * 1000, graceMs: OIDC_GRACE_S * 1000 };
    this.#issuers = OIDC_ISSUERS.map((issuer) => ({
      name: issuer,
      keys: new IssuerKeys({ issuer, ...times, logger }),
    }));
    this.#audience = OIDC_AUDIENCE;
    this.#admin = OIDC_ADMIN;
  }

  /** Whether a claim makes admins. */
  get hasAdmins(): boolean {
    return this.#admin !== undefined;
  }

  /** Why the keys of issuers cannot be fetched. */
  faults(): string[] {
    return this.#issuers.flatMap(({ keys: { fault } }) => (fault === undefined ? [] : [fault]));
  }

  /**
   * The sender of a token; `undefined` where the token names none of these issuers. Fails with `unauthorized`, or with
   * `unavailable` while there are no keys to verify it.
   */
  identify(token: string): Caller | Promise<Caller> | undefined {
    const known = this.#memory.find(token);
    // Keys that the issuer has withdrawn end what was checked with them.
    if (known !== undefined && known.issuer.keys.current === known.set) return known;
    const issuer = this.#issuerOf(token);
    return issuer === undefined ? undefined : this.#check(token, issuer);
  }

  close(): void {
    for (const { keys } of this.#issuers) keys.close();
  }

  /** The issuer that a token names, not verified: only a configured one is ever asked for keys. */
  #issuerOf(token: string): Issuer | undefined {
    try {
      const { iss } = decodeJwt(token);
      return this.#issuers.find(({ name }) => name === iss);
    } catch {
      return undefined;
    }
  }

  async #check(token: string, issuer: Issuer): Promise<Caller> {
    const { keys } = issuer;
    const set = await keys.settled();
    if (set === undefined) throw unverified("OIDC_ISSUERS");
    try {
      return await this.#verify(token, issuer, set);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
    }
    // The issuer may sign with a newer key than those that were fetched.
    const fetched = await keys.refetch();
    const newer = keys.current;
    if (newer === undefined || keys.fault !== undefined) throw unverified("OIDC_ISSUERS");
    if (!fetched && newer === set) throw notGood();
    try {
      return await this.#verify(token, issuer, newer);
    } catch (error) {
      throw error instanceof errors.JWKSNoMatchingKey ? notGood() : error;
    }
  }

  /** Fails with `JWKSNoMatchingKey` where the token's key is not in the set, else with `unauthorized`. */
  async #verify(token: string, issuer: Issuer, set: LocalJWKSet): Promise<Caller> {
    let payload: JWTPayload;
    try {
      ({ payload } = await jwtVerify(token, set, {
        algorithms: ALGORITHMS,
        issuer: issuer.name,
        audience: this.#audience,
        clockTolerance: CLOCK_TOLERANCE_S,
        requiredClaims: ["exp", "sub"],
      }));
    } catch (error) {
      throw error instanceof errors.JWKSNoMatchingKey ? error : notGood();
    }
    const { sub, exp = 0 } = payload;
    // jose asks only that it is there.
    if (typeof sub !== "string" || !SUBJECT.test(sub)) throw notGood();
    const checked: CheckedCaller = {
      // No issuer has a fragment: two issuers never give the same name.
      id: `oidc:${issuer.name}#${sub}`,
      admin: this.#admin !== undefined && grants(this.#admin, payload),
      // A later one is no date.
      expires: Math.min(exp * 1000, LAST_DATE_MS),
      issuer,
      set,
    };
    this.#memory.add(token, checked);
    return checked;
  }
}

/** The last moment that a `Date` holds. */
const LAST_DATE_MS = 8.64e15;

function notGood() {
  return unauthorized("the token is not good, or no longer", "invalid_token");
}
