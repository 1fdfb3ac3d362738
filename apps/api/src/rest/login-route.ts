import { loginRequest } from "@sepal/schema/login";
import { SepalError } from "@sepal/schema/sepal-error";
import { unavailable } from "@sepal/schema/unavailable";
import type { FastifyInstance } from "fastify";
import { readJson } from "../http/body.ts";
import type { Identity } from "../identity/open-identity.ts";
import { NOBODY, verifyPassword } from "../identity/password.ts";
import { unauthorized } from "../identity/unauthorized.ts";
import { parseInput } from "../operations/operation.ts";
import { addressOwner } from "../quota/client-address.ts";
import type { Quota } from "../quota/quota.ts";
import type { QuotaPolicy } from "../quota/quota-policy.ts";
import { asJson } from "./rest-handler.ts";

const MAX_BODY_BYTES = 8192;

/** Attempts for one name, whoever makes them, and of one address, for whatever names. */
const PER_USER: QuotaPolicy = { name: "login-user", limit: 5, windowMs: 60_000 };
const PER_ADDRESS: QuotaPolicy = { name: "login-address", limit: 10, windowMs: 60_000 };

/** Most logins that wait: passwords are checked one by one, for each takes 32 MiB and a thread that others need too. */
const MAX_WAITING = 16;

interface LoginOptions {
  readonly login: NonNullable<Identity["login"]>;
  readonly quota: Quota;
  readonly ttlS: number;
}

/** A broken rule of a login shows nothing of what was sent: it may be a password. */
function parseLogin(body: unknown) {
  try {
    return parseInput(loginRequest, body);
  } catch (error) {
    if (!(error instanceof SepalError) || error.validation === undefined) throw error;
    const { entries, total } = error.validation;
    const hidden = entries.map(({ type, loc, msg }) => ({ type, loc, msg, input: null }));
    throw new SepalError(error.code, error.message, { validation: { entries: hidden, total } });
  }
}

/** `POST /login`: a bearer token for a username and its password. */
export function loginRoute(app: FastifyInstance, { login, quota, ttlS }: LoginOptions): void {
  const { tokens, users } = login;
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();
  const check = async (username: string, password: string) => {
    if (waiting >= MAX_WAITING) {
      throw unavailable("too many logins at once");
    }
    waiting += 1;
    // An unknown user costs the same time as a wrong password.
    const checked = last.then(() => verifyPassword(users().get(username) ?? NOBODY, password));
    last = checked.catch(() => undefined);
    return checked.finally(() => {
      waiting -= 1;
    });
  };
  const config = { access: "open", maxBytes: MAX_BODY_BYTES } as const;
  app.post("/login", { config }, async (request, reply) => {
    const { username, password } = parseLogin(readJson(request));
    await quota.spend(PER_ADDRESS, addressOwner(request.ip), 1);
    await quota.spend(PER_USER, `user:${username}`, 1);
    if (!(await check(username, password))) {
      throw unauthorized("the username or the password is wrong");
    }
    request.call.caller = `user:${username}`;
    const answer = {
      access_token: await tokens.issue(username),
      token_type: "bearer",
      expires_in: ttlS,
    };
    return asJson(reply.header("cache-control", "no-store"), answer);
  });
}
