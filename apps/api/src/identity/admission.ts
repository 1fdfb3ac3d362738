import { SepalError } from "@sepal/schema/sepal-error";
import type { FastifyReply, FastifyRequest } from "fastify";
import { addressOwner } from "../quota/client-address.ts";
import { quotaHeaders, type Quota } from "../quota/quota.ts";
import type { QuotaGrant, QuotaPolicy } from "../quota/quota-policy.ts";
import type { Authenticator, Caller } from "./authenticator.ts";
import type { Access } from "./access.ts";

interface AdmissionOptions {
  readonly authenticator: Authenticator;
  readonly quota: Quota;
  /** How much each caller may call; absent, as much as it likes. */
  readonly rateLimit: QuotaPolicy | undefined;
}

interface Visit {
  readonly access: Access;
  /** How many calls the request makes. */
  readonly calls: number;
}

/** Decides on each request: who sends it, whether that caller may, and whether its quota allows it. */
export class Admission {
  readonly #authenticator: Authenticator;
  readonly #quota: Quota;
  readonly #rateLimit: QuotaPolicy | undefined;

  constructor({ authenticator, quota, rateLimit }: AdmissionOptions) {
    this.#authenticator = authenticator;
    this.#quota = quota;
    this.#rateLimit = rateLimit;
  }

  /** Whether an ordinary request is asked anything. */
  get asks(): boolean {
    return this.#authenticator.guarded || this.#rateLimit !== undefined;
  }

  /** Lets a request in, at once where everything needed is at hand; fails with `unauthorized`, `forbidden` or `too_many_requests`. */
  admit(request: FastifyRequest, reply: FastifyReply, visit: Visit): Promise<void> | undefined {
    if (visit.access !== "admin" && !this.#authenticator.guarded) {
      return this.#count(request, reply, visit.calls);
    }
    let caller: Caller | Promise<Caller>;
    try {
      caller = this.#authenticator.identify(request.headers);
    } catch (error) {
      return this.#countStranger(request, error);
    }
    if (!(caller instanceof Promise)) return this.#enter(request, reply, visit, caller);
    return caller.then(
      (late) => this.#enter(request, reply, visit, late),
      (error) => this.#countStranger(request, error),
    );
  }

  #enter(request: FastifyRequest, reply: FastifyReply, { access, calls }: Visit, caller: Caller) {
    request.call.caller = caller.id;
    if (access === "admin" && !caller.admin) {
      throw new SepalError("forbidden", "an admin key is needed");
    }
    return this.#count(request, reply, calls);
  }

  #count(request: FastifyRequest, reply: FastifyReply, calls: number): Promise<void> | undefined {
    const policy = this.#rateLimit;
    if (policy === undefined) return undefined;
    const owner = request.call.caller ?? addressOwner(request.ip);
    const grant = this.#quota.spend(policy, owner, calls);
    if (grant instanceof Promise) return grant.then((late) => tell(reply, policy, late));
    tell(reply, policy, grant);
    return undefined;
  }

  /** Refuses a request whose sender is not known; guessing uses up the quota of its address. */
  #countStranger(request: FastifyRequest, refusal: unknown): Promise<void> {
    const policy = this.#rateLimit;
    if (policy === undefined) throw refusal;
    const spent = this.#quota.spend(policy, addressOwner(request.ip), 1);
    return Promise.resolve(spent).then(() => {
      throw refusal;
    });
  }
}

function tell(reply: FastifyReply, policy: QuotaPolicy, grant: QuotaGrant): void {
  reply.headers(quotaHeaders(policy, grant));
}
