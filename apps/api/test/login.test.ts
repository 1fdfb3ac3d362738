import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SignJWT, UnsecuredJWT, type JWTPayload } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, startApi, type ApiProcess } from "./api-process.ts";
import { identityCommand } from "./identity-command.ts";
import { GOOD, requestOf } from "./failures.ts";
import { send } from "./json-request.ts";

const SECRET = "0123456789abcdef0123456789abcdef";
const PASSWORD = "correct horse battery";

let folder: string;
let variables: { USERS_FILE: string; JWT_SECRET: string };
let api: ApiProcess;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sepal-users-"));
  variables = { USERS_FILE: join(folder, "users"), JWT_SECRET: SECRET };
  await identityCommand(["users", "add", "ada"], variables, `${PASSWORD}\n`);
  await identityCommand(["users", "add", "cleo"], variables, `${PASSWORD}\n`);
  api = await startApi({ variables: { ...variables, JWT_TTL_S: "600", TRUST_PROXY: "true" } });
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

let address = 0;
/** Each from an address of its own, so that one test's attempts are not counted against another's. */
function login(username: unknown, password: unknown, headers: Record<string, string> = {}) {
  address += 1;
  const from = { "x-forwarded-for": `10.0.${address >> 8}.${address & 255}`, ...headers };
  return send(`${api.url}/login`, requestOf({ username, password }, from));
}

const predictWith = (token: string, path = "/predict") =>
  send(api.url + path, requestOf(GOOD, { authorization: `Bearer ${token}` }));

test("a user logs in and predicts with the token, over REST, tRPC and the Open Inference Protocol", async () => {
  const reply = await login("ada", PASSWORD);
  expect(reply.status).toBe(200);
  expect(reply.headers.get("cache-control")).toBe("no-store");
  expect(reply.body).toEqual({
    access_token: expect.stringMatching(/^eyJ[\w-]+\.[\w-]+\.[\w-]+$/),
    token_type: "bearer",
    expires_in: 600,
  });
  const token: string = reply.body.access_token;
  for (const path of ["/predict", "/trpc/predict", "/predict"]) {
    const answer = await predictWith(token, path);
    expect(answer.status).toBe(200);
    const id = answer.headers.get("x-request-id");
    await expect
      .poll(() => api.log.find((line) => line["request_id"] === id))
      .toMatchObject({ caller: "user:ada" });
  }
  const headers = { authorization: `Bearer ${token}` };
  expect((await send(`${api.url}/v2/models/iris-forest`, { headers })).status).toBe(200);
  const log = JSON.stringify(api.log) + api.errors();
  for (const secret of [token, PASSWORD, SECRET]) expect(log).not.toContain(secret);
});

describe("a token is refused", () => {
  const now = Math.floor(Date.now() / 1000);
  const secret = new TextEncoder().encode(SECRET);
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const signed = (payload: JWTPayload, key = secret) =>
    new SignJWT(payload).setProtectedHeader({ alg: "HS256" }).sign(key);
  /** Claims of a token that the server issued itself, so that nothing but the change is wrong. */
  let own: JWTPayload;
  beforeAll(async () => {
    const { body } = await login("ada", PASSWORD);
    const [, payload = ""] = String(body.access_token).split(".");
    own = JSON.parse(Buffer.from(payload, "base64url").toString());
  });

  test("not when nothing is changed", async () => {
    expect((await predictWith(await signed(own))).status).toBe(200);
  });

  test.each<[string, (own: JWTPayload) => JWTPayload]>([
    ["expired", (own) => ({ ...own, exp: now - 60 })],
    ["without an end", ({ exp: _exp, ...own }) => own],
    ["not yet good", (own) => ({ ...own, nbf: now + 600 })],
    ["for another audience", (own) => ({ ...own, aud: "elsewhere" })],
    ["without an audience", ({ aud: _aud, ...own }) => own],
    ["of another issuer", (own) => ({ ...own, iss: "elsewhere" })],
    ["of nobody", ({ sub: _sub, ...own }) => own],
    ["of a user who does not exist", (own) => ({ ...own, sub: "eve" })],
    ["of several users", (own) => ({ ...own, ...Object({ sub: ["ada"] }) })],
    ["of a name that would break the log", (own) => ({ ...own, sub: '","x":"' })],
    ["for another password", (own) => ({ ...own, pwd: "another" })],
    ["that names no password", ({ pwd: _pwd, ...own }) => own],
  ])("%s", async (_name, change) => {
    const reply = await predictWith(await signed(change(own)));
    expect(reply.status).toBe(401);
    expect(reply.headers.get("www-authenticate")).toContain('error="invalid_token"');
    expect(reply.body.detail).toBe("the token is not good, or no longer");
  });

  test("with another algorithm, another key or another end", async () => {
    const good = await signed(own);
    const pem = new TextEncoder().encode(publicKey.export({ type: "spki", format: "pem" }));
    const [head = "", payload = "", signature = ""] = good.split(".");
    const forged = Buffer.from(JSON.stringify({ ...own, sub: "root" })).toString("base64url");
    const tokens = {
      none: new UnsecuredJWT(own).encode(),
      "none with the signature of another": `${Buffer.from('{"alg":"none"}').toString("base64url")}.${payload}.${signature}`,
      HS512: await new SignJWT(own).setProtectedHeader({ alg: "HS512" }).sign(secret),
      RS256: await new SignJWT(own).setProtectedHeader({ alg: "RS256" }).sign(privateKey),
      "HS256 by a public key": await signed(own, pem),
      "another payload": `${head}.${forged}.${signature}`,
      "no signature": `${head}.${payload}.`,
      "two parts": `${head}.${payload}`,
      nonsense: "eyJ.eyJ.x",
    };
    for (const [name, token] of Object.entries(tokens)) {
      for (const path of ["/predict", "/trpc/predict", "/trpc/predict?batch=1"]) {
        expect((await predictWith(token, path)).status, name).toBe(401);
      }
    }
  });
});

test("a token ends when it expires, also where it was checked before", async () => {
  await using brief = await startApi({ variables: { ...variables, JWT_TTL_S: "1" } });
  const body = { username: "ada", password: PASSWORD };
  const { access_token: token } = (await send(`${brief.url}/login`, requestOf(body))).body;
  const status = async () => {
    const init = requestOf(GOOD, { authorization: `Bearer ${token}` });
    return (await send(`${brief.url}/predict`, init)).status;
  };
  expect(await status()).toBe(200);
  await eventually(async () => (await status()) === 401, "the token ends");
});

test("a token ends when its user gets another password, and when the user goes", async () => {
  const readings = () => api.log.filter((line) => line["msg"] === "read again").length;
  const tokenFor = async (password: string): Promise<string> => {
    const before = readings();
    await identityCommand(["users", "add", "bob"], variables, `${password}\n`);
    await eventually(() => readings() > before, "the users are read again");
    return (await login("bob", password)).body.access_token;
  };
  const ends = (token: string) =>
    eventually(async () => (await predictWith(token)).status === 401, "the token ends");
  const older = await tokenFor("an older password");
  expect((await predictWith(older)).status).toBe(200);
  const newer = await tokenFor("a newer password");
  await ends(older);
  expect((await predictWith(newer)).status).toBe(200);
  await identityCommand(["users", "remove", "bob"], variables);
  await ends(newer);
});

describe("a failed login", () => {
  test.each([
    ["a wrong password", "ada", "wrong password"],
    ["an unknown user", "eve", PASSWORD],
    ["another case", "Ada", PASSWORD],
  ])("by %s says the same", async (_name, username, password) => {
    const reply = await login(username, password);
    expect(reply.status).toBe(401);
    expect(reply.headers.get("www-authenticate")).toMatch(/^Bearer/);
    expect(reply.body.detail).toBe("the username or the password is wrong");
  });

  test("takes as long for an unknown user as for a wrong password", async () => {
    const times = { known: [] as number[], unknown: [] as number[] };
    const time = async (into: number[], username: string) => {
      const start = performance.now();
      expect((await login(username, "wrong password")).status).toBe(401);
      into.push(performance.now() - start);
    };
    for (let round = 0; round < 4; round += 1) {
      await time(times.known, "cleo");
      await time(times.unknown, `nobody-${round}`);
    }
    const fastest = (of: number[]) => Math.min(...of);
    // An answer without a hash takes 2 ms, one with it 100 ms and more.
    expect(fastest(times.unknown)).toBeGreaterThan(fastest(times.known) / 2);
  });

  test.each([
    [{ username: "ada" }, "missing"],
    [{ username: "ada", password: 5 }, "string_type"],
    [{ username: "ada", password: "hidden-secret", extra: 1 }, "extra_forbidden"],
    [{ username: "", password: "hidden-secret" }, "string_too_short"],
  ])("of the wrong form shows nothing that was sent: %j", async (body, type) => {
    const reply = await send(`${api.url}/login`, requestOf(body));
    expect(reply.status).toBe(422);
    expect(reply.body.detail[0]).toMatchObject({ type, input: null });
    expect(reply.text).not.toContain("hidden-secret");
  });
});

describe("logins are throttled", () => {
  test("by name, from whatever address", async () => {
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 6; attempt += 1) {
      statuses.push((await login("throttled", "wrong password")).status);
    }
    expect(statuses.slice(0, 5)).toEqual(Array.from({ length: 5 }, () => 401));
    // The bucket refills by one in 12 s.
    const { status, headers } = await login("throttled", PASSWORD);
    expect([statuses[5], status]).toContain(429);
    if (status === 429) expect(Number(headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
  });

  test("by address, for whatever names", async () => {
    const from = { "x-forwarded-for": "203.0.113.9" };
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, index) => login(`somebody-${index}`, "x", from)),
    );
    const refused = replies.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(Number(refused[0]?.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    expect((await login("ada", PASSWORD)).status).toBe(200);
  });
});

test("without users there is no login", async () => {
  await using other = await startApi({ variables: { JWT_SECRET: SECRET } });
  const body = { username: "ada", password: PASSWORD };
  expect((await fetch(`${other.url}/login`, requestOf(body))).status).toBe(404);
});
