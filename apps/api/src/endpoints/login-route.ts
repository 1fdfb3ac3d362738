import { loginRequest } from "@sepal/schema/login";
import { SepalError } from "@sepal/schema/sepal-error";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { readJson } from "../http/json.ts";
import { LoginAttempts } from "../auth/login-attempts.ts";
import type { Identity } from "../auth/open-identity.ts";
import { unauthorized } from "../auth/unauthorized.ts";
import { parseInput } from "../operations/operation.ts";
import type { Quota } from "../rate-limit/quota.ts";
import { asJson } from "../http/json.ts";

const MAX_BODY_BYTES = 8192;

interface LoginOptions {
  readonly login: NonNullable<Identity["login"]>;
  readonly quota: Quota;
  readonly ttlS: number;
}

/** What is wrong with a login repeats nothing of what was sent, whatever the setting: it may be a password. */
function readLogin(request: FastifyRequest) {
  try {
    return parseInput(loginRequest, readJson(request));
  } catch (error) {
    if (!(error instanceof SepalError)) throw error;
    const failure = error.withoutInput();
    const { code, message, validation } = failure;
    if (validation === undefined) throw failure;
    const entries = validation.entries.map(({ type, loc, msg }) => ({
      type,
      loc,
      msg,
      input: null,
    }));
    throw new SepalError(code, message, { validation: { ...validation, entries } });
  }
}

/** `POST /login`: a bearer token for a username and its password. */
export function loginRoute(app: FastifyInstance, { login, quota, ttlS }: LoginOptions): void {
  const { tokens, users } = login;
  const attempts = new LoginAttempts(quota, users);
  const config = { access: "open", maxBytes: MAX_BODY_BYTES } as const;
  app.post("/login", { config }, async (request, reply) => {
    const { username, password } = readLogin(request);
    if (!(await attempts.verify({ username, password, address: request.ip }))) {
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
