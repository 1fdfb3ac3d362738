import { parse } from "node:querystring";
import { loginForm, loginRequest, loginResponse } from "@sepal/schema/login";
import { SepalError } from "@sepal/schema/sepal-error";
import { asJson, isJson, mediaType, readJson } from "../http/json.ts";
import type { Exchange } from "../http/exchange.ts";
import type { BodyRules, BytesHandler } from "../http/route-table.ts";
import { LoginAttempts } from "../auth/login-attempts.ts";
import type { Identity } from "../auth/open-identity.ts";
import { unauthorized } from "../auth/access-control.ts";
import { parseInput } from "../operations/operation.ts";
import type { Quota } from "../rate-limit/quota.ts";
import { jsonResponse, bytes } from "./endpoint.ts";

/** Where a user logs in. */
export const LOGIN_PATH = "/login";

const MAX_BODY_BYTES = 8192;

const FORM = "application/x-www-form-urlencoded";

const LOGIN_BODY: BodyRules = {
  kind: "body",
  takes: (type) => isJson(type) || type === FORM,
  types: `application/json or ${FORM}`,
};

/** Username and password of a body, as JSON or as a form of OAuth 2.0. */
function parseLogin(exchange: Exchange) {
  const { headers, body } = exchange;
  if (mediaType(headers["content-type"]) !== FORM)
    return parseInput(loginRequest, readJson(exchange));
  return parseInput(loginForm, { ...parse(body?.toString("utf8") ?? "") });
}

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
function readLogin(exchange: Exchange) {
  try {
    return parseLogin(exchange);
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
export function loginHandler({ login, quota, ttlS }: LoginOptions): BytesHandler {
  const { tokens, users } = login;
  const attempts = new LoginAttempts(quota, users);
  return async ({ exchange }, reply) => {
    const { username, password } = readLogin(exchange);
    if (!(await attempts.verify({ username, password, address: exchange.ip }))) {
      throw unauthorized("the username or the password is wrong");
    }
    exchange.call.caller = `user:${username}`;
    const response = {
      access_token: await tokens.issue(username),
      token_type: "bearer",
      expires_in: ttlS,
    };
    return asJson(reply.header("cache-control", "no-store"), response);
  };
}

/** `POST /login`, where there are users. */
export function loginEndpoint(handler: BytesHandler) {
  return bytes({
    rest: { method: "POST", path: LOGIN_PATH },
    rules: { access: "open", body: LOGIN_BODY, maxBytes: MAX_BODY_BYTES },
    handler,
    tag: "server",
    summary: "A bearer token for a username and its password",
    description:
      "As JSON, or as the password form of OAuth 2.0 (RFC 6749, 4.3), which is what Authorize in Swagger UI sends.",
    errors: [
      "malformed_body",
      "unauthorized",
      "forbidden",
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
