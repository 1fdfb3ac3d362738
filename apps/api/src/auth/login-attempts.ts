import { hash } from "node:crypto";
import { unavailable } from "@sepal/schema/unavailable";
import { addressOwner } from "../rate-limit/client-address.ts";
import type { Quota } from "../rate-limit/quota.ts";
import type { QuotaPolicy } from "../settings/quota-settings.ts";
import { NOBODY, verifyPassword, type Users } from "./password.ts";

/**
 * Failed logins of one user from one address, and from one address for any user. Failures are never counted by user
 * alone: any client could then lock a user out.
 */
const PER_USER: QuotaPolicy = { name: "login-user", limit: 5, windowMs: 60_000 };
const PER_ADDRESS: QuotaPolicy = { name: "login-address", limit: 10, windowMs: 60_000 };

/** Most logins that wait: passwords are verified one by one, since each takes 32 MiB and a thread that others need. */
const MAX_WAITING = 16;

interface Login {
  readonly username: string;
  readonly password: string;
  /** Address of the client. */
  readonly address: string;
}

type Counts = readonly (readonly [QuotaPolicy, owner: string])[];

function countsOf({ username, address }: Login): Counts {
  const client = addressOwner(address);
  // A digest of both as a list: of fixed length, and no other pair gives the same.
  const pair = hash("sha256", JSON.stringify([username, client]), "base64url");
  return [
    [PER_ADDRESS, client],
    [PER_USER, `login:${pair}`],
  ];
}

/** Verifies passwords one at a time and limits the failures. */
export class LoginAttempts {
  readonly #quota: Quota;
  readonly #users: () => Users;
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(quota: Quota, users: () => Users) {
    this.#quota = quota;
    this.#users = users;
  }

  /** Whether the password is right; fails with `too_many_requests` after too many failures, `unavailable` when too many wait. */
  async verify(login: Login): Promise<boolean> {
    const counts = countsOf(login);
    // Before it waits: a client that is over its limit takes no place from others.
    for (const [policy, owner] of counts) await this.#quota.ensureLeft(policy, owner);
    if (this.#waiting >= MAX_WAITING) throw unavailable("too many logins at once");
    this.#waiting += 1;
    const verified = this.#last.then(() => this.#verifyNext(login, counts));
    this.#last = verified.catch(() => undefined);
    return verified.finally(() => {
      this.#waiting -= 1;
    });
  }

  /** Spends an attempt of each count before the password is verified, and gives it back unless the password is wrong. */
  async #verifyNext({ username, password }: Login, counts: Counts): Promise<boolean> {
    const spent: Counts[number][] = [];
    let wrong = false;
    try {
      for (const count of counts) {
        await this.#quota.spend(...count, 1);
        spent.push(count);
      }
      // An unknown user costs the same time as a wrong password.
      wrong = !(await verifyPassword(this.#users().get(username) ?? NOBODY, password));
    } finally {
      if (!wrong) for (const count of spent) await this.#quota.giveBack(...count, 1);
    }
    return !wrong;
  }
}
