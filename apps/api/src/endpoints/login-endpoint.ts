import { loginRequest, loginResponse } from "@sepal/schema/login";
import { SepalError } from "@sepal/schema/sepal-error";
import type { FastifyRequest } from "fastify";
import { asJson, readJson } from "../http/json.ts";
import type { RestHandler } from "../http/route-rules.ts";
import { LoginAttempts } from "../auth/login-attempts.ts";
import type { Identity } from "../auth/open-identity.ts";
import { unauthorized } from "../auth/access-control.ts";
import { parseInput } from "../operations/operation.ts";
import type { Quota } from "../rate-limit/quota.ts";
import { jsonResponse, bytes } from "./endpoint.ts";

const MAX_BODY_BYTES = 8192;

const EXAMPLE = { username: "ada", password: "correct horse battery" };
const EXAMPLE_TOKEN = {
  access_token: "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.…",
  token_type: "bearer",
  expires_in: 3600,
};

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

/** Returns a token for a username and its password. */
export function loginHandler({ login, quota, ttlS }: LoginOptions): RestHandler {
  const { tokens, users } = login;
  const attempts = new LoginAttempts(quota, users);
  return async (request, reply) => {
    const { username, password } = readLogin(request);
    if (!(await attempts.verify({ username, password, address: request.ip }))) {
      throw unauthorized("the username or the password is wrong");
    }
    request.call.caller = `user:${username}`;
    const response = {
      access_token: await tokens.issue(username),
      token_type: "bearer",
      expires_in: ttlS,
    };
    return asJson(reply.header("cache-control", "no-store"), response);
  };
}

/** `POST /login`, where there are users. */
export function loginEndpoint(handler: RestHandler) {
  return bytes({
    rest: { method: "POST", path: "/login" },
    rules: { access: "open", maxBytes: MAX_BODY_BYTES },
    handler,
    tag: "server",
    summary: "A bearer token for a username and its password",
    errors: [
      "malformed_body",
      "unauthorized",
      "too_large",
      "unsupported_media_type",
      "invalid_input",
      "too_many_requests",
    ],
    document: () => ({
      requestBody: {
        required: true,
        content: { "application/json": { schema: loginRequest, example: EXAMPLE } },
      },
      responses: jsonResponse(loginResponse, EXAMPLE_TOKEN),
    }),
  });
}
