import { createSecretKey, hash, type KeyObject } from "node:crypto";
import { SepalError } from "@sepal/schema/sepal-error";
import { jwtVerify, SignJWT } from "jose";
import type { IdentitySettings } from "../settings/identity-settings.ts";
import { CALLER_NAME } from "./credential-file.ts";
import type { Users } from "./password.ts";

/** The one algorithm taken: another in a token's head is refused before anything is computed. */
const ALGORITHM = "HS256";

/** Difference of two clocks that is overlooked, in seconds. */
const CLOCK_TOLERANCE_S = 5;

/** Most tokens whose check is remembered: one takes 60 µs, which would triple the cost of a prediction. */
const MAX_REMEMBERED = 1000;

/** Tokens that were checked, until they expire. */
export class TokenMemory<T extends { readonly expires: number }> {
  readonly #checked = new Map<string, T>();
  readonly #toleranceMs: number;

  /** `toleranceMs`: how much longer than its end a token is good, as where it is checked. */
  constructor(toleranceMs: number) {
    this.#toleranceMs = toleranceMs;
  }

  find(token: string): T | undefined {
    const known = this.#checked.get(token);
    if (known === undefined || known.expires + this.#toleranceMs > Date.now()) return known;
    this.#checked.delete(token);
    return undefined;
  }

  add(token: string, checked: T): void {
    const [oldest] = this.#checked.keys();
    if (this.#checked.size >= MAX_REMEMBERED && oldest !== undefined) this.#checked.delete(oldest);
    this.#checked.set(token, checked);
  }
}

/** Whose a good token is, and until when. */
export interface VerifiedToken {
  readonly user: string;
  /** Milliseconds since the epoch. */
  readonly expires: number;
}

interface CheckedToken extends VerifiedToken {
  /** Fingerprint of the password the token was given for. */
  readonly mark: string;
}

interface TokenOptions extends Pick<IdentitySettings, "JWT_ISSUER" | "JWT_AUDIENCE" | "JWT_TTL_S"> {
  readonly secret: string;
  /** The users as they are now, which may fail with `unavailable`; absent where tokens come from elsewhere. */
  readonly users: (() => Users) | undefined;
}

function markOf(users: Users, user: string): string | undefined {
  const stored = users.get(user);
  return stored === undefined ? undefined : hash("sha256", stored.text, "base64url").slice(0, 22);
}

/** Issues and checks bearer tokens. */
export class Tokens {
  readonly #options: TokenOptions;
  readonly #key: KeyObject;
  readonly #memory = new TokenMemory<CheckedToken>(CLOCK_TOLERANCE_S * 1000);

  constructor(options: TokenOptions) {
    this.#options = options;
    this.#key = createSecretKey(options.secret, "utf8");
  }

  /** A token for a user; it ends when the user goes or gets another password. */
  async issue(user: string): Promise<string> {
    const { JWT_ISSUER, JWT_AUDIENCE, JWT_TTL_S, users } = this.#options;
    return new SignJWT({ pwd: users === undefined ? "" : (markOf(users(), user) ?? "") })
      .setProtectedHeader({ alg: ALGORITHM, typ: "JWT" })
      .setSubject(user)
      .setIssuer(JWT_ISSUER)
      .setAudience(JWT_AUDIENCE)
      .setIssuedAt()
      .setExpirationTime(Math.floor(Date.now() / 1000) + JWT_TTL_S)
      .sign(this.#key);
  }

  /** Whose a token is, at once where it was checked before; `undefined` where it is not good. */
  verify(token: string): VerifiedToken | undefined | Promise<VerifiedToken | undefined> {
    const known = this.#memory.find(token);
    return known !== undefined && this.#stillKnown(known) ? known : this.#check(token);
  }

  #stillKnown({ user, mark }: CheckedToken): boolean {
    const { users } = this.#options;
    return users === undefined || markOf(users(), user) === mark;
  }

  async #check(token: string): Promise<VerifiedToken | undefined> {
    const { JWT_ISSUER, JWT_AUDIENCE } = this.#options;
    try {
      const { payload } = await jwtVerify(token, this.#key, {
        algorithms: [ALGORITHM],
        issuer: JWT_ISSUER,
        audience: JWT_AUDIENCE,
        clockTolerance: CLOCK_TOLERANCE_S,
        requiredClaims: ["exp", "sub"],
      });
      const { sub, pwd, exp = 0 } = payload;
      // jose asks only that it is there.
      const user = typeof sub === "string" ? sub : "";
      const checked = { user, mark: typeof pwd === "string" ? pwd : "", expires: exp * 1000 };
      if (!CALLER_NAME.test(user) || !this.#stillKnown(checked)) return undefined;
      this.#memory.add(token, checked);
      return checked;
    } catch (error) {
      // The users cannot be looked up: whether the token is good is not known.
      if (error instanceof SepalError) throw error;
      return undefined;
    }
  }
}
