import { SepalError } from "@sepal/schema/sepal-error";
import type { FastifyReply, FastifyRequest } from "fastify";
import { addressOwner } from "../rate-limit/client-address.ts";
import { quotaHeaders, type Quota } from "../rate-limit/quota.ts";
import type { QuotaGrant } from "../rate-limit/quota-policy.ts";
import type { QuotaPolicy } from "../settings/quota-settings.ts";
import type { Authenticator, Caller } from "./authenticator.ts";

/** Who may call a route: everyone, callers with a credential where any is configured, or admins. */
type Access = "open" | "known" | "admin";

/** What a route says of its callers. */
export interface AccessRules {
  /** `known` unless the route says otherwise; a function where it depends on the request. */
  readonly access: Access | ((request: FastifyRequest) => Access);
  /** Calls that a request counts against the caller's quota. */
  readonly cost: (request: FastifyRequest) => number;
}

interface AdmissionOptions {
  readonly authenticator: Authenticator;
  readonly quota: Quota;
  /** How much each caller may call; absent, as much as it likes. */
  readonly rateLimit: QuotaPolicy | undefined;
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

  /** Lets a request in, at once where everything needed is at hand; fails with `unauthorized`, `forbidden` or `too_many_requests`. */
  admit(
    request: FastifyRequest,
    reply: FastifyReply,
    rules: AccessRules,
  ): Promise<void> | undefined {
    const access = typeof rules.access === "function" ? rules.access(request) : rules.access;
    if (access === "open") return undefined;
    const admin = access === "admin";
    if (!admin && !this.#authenticator.guarded) return this.#count(request, reply, rules.cost);
    let caller: Caller | Promise<Caller>;
    try {
      caller = this.#authenticator.identify(request.headers);
    } catch (error) {
      return this.#countStranger(request, error);
    }
    const enter = (known: Caller) => {
      request.call.caller = known.id;
      if (admin && !known.admin) throw new SepalError("forbidden", "an admin key is needed");
      return this.#count(request, reply, rules.cost);
    };
    if (!(caller instanceof Promise)) return enter(caller);
    return caller.then(enter, (error) => this.#countStranger(request, error));
  }

  #count(
    request: FastifyRequest,
    reply: FastifyReply,
    cost: AccessRules["cost"],
  ): Promise<void> | undefined {
    const policy = this.#rateLimit;
    if (policy === undefined) return undefined;
    const owner = request.call.caller ?? addressOwner(request.ip);
    const grant = this.#quota.spend(policy, owner, cost(request));
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
