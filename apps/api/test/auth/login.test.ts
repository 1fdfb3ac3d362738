import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startApi } from "../support/api-process.ts";
import { requestOf } from "../support/failures.ts";
import { send } from "../support/json-request.ts";
import { PASSWORD, SECRET, startWithUsers } from "../support/user-server.ts";

let server: Awaited<ReturnType<typeof startWithUsers>>;
beforeAll(async () => {
  server = await startWithUsers();
});
afterAll(() => server[Symbol.asyncDispose]());

test("a user logs in and predicts with the token, over REST, tRPC and the Open Inference Protocol", async () => {
  const reply = await server.login("ada", PASSWORD);
  expect(reply.status).toBe(200);
  expect(reply.headers.get("cache-control")).toBe("no-store");
  expect(reply.body).toEqual({
    access_token: expect.stringMatching(/^eyJ[\w-]+\.[\w-]+\.[\w-]+$/),
    token_type: "bearer",
    expires_in: 600,
  });
  const token: string = reply.body.access_token;
  for (const path of ["/predict", "/trpc/predict", "/predict"]) {
    const answer = await server.predictWith(token, path);
    expect(answer.status).toBe(200);
    const id = answer.headers.get("x-request-id");
    await expect
      .poll(() => server.api.log.find((line) => line["request_id"] === id))
      .toMatchObject({ caller: "user:ada" });
  }
  const headers = { authorization: `Bearer ${token}` };
  expect((await send(`${server.api.url}/v2/models/iris-forest`, { headers })).status).toBe(200);
  const log = JSON.stringify(server.api.log) + server.api.errors();
  for (const secret of [token, PASSWORD, SECRET]) expect(log).not.toContain(secret);
});

describe("a failed login", () => {
  test.each([
    ["a wrong password", "ada", "wrong password"],
    ["an unknown user", "eve", PASSWORD],
    ["another case", "Ada", PASSWORD],
  ])("by %s says the same", async (_name, username, password) => {
    const reply = await server.login(username, password);
    expect(reply.status).toBe(401);
    expect(reply.headers.get("www-authenticate")).toMatch(/^Bearer/);
    expect(reply.body.detail).toBe("the username or the password is wrong");
  });

  test("takes as long for an unknown user as for a wrong password", async () => {
    const times = { known: [] as number[], unknown: [] as number[] };
    const time = async (into: number[], username: string) => {
      const start = performance.now();
      expect((await server.login(username, "wrong password")).status).toBe(401);
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
    const reply = await send(`${server.api.url}/login`, requestOf(body));
    expect(reply.status).toBe(422);
    expect(reply.body.detail[0]).toMatchObject({ type, input: null });
    expect(reply.text).not.toContain("hidden-secret");
  });
});

test("a login that is no JSON shows nothing that was sent", async () => {
  const body = '{"username":"ada","password":hidden-secret}';
  const reply = await send(`${server.api.url}/login`, { ...requestOf({}), body });
  expect([reply.status, reply.body.detail]).toEqual([400, "the body is not JSON"]);
});

describe("failed logins are limited", () => {
  const from = (address: string) => ({ "x-forwarded-for": address });
  const atOnce = async (count: number, login: (index: number) => Promise<{ status: number }>) =>
    (await Promise.all(Array.from({ length: count }, (_, index) => login(index)))).map(
      ({ status }) => status,
    );
  /** Fails logins at once until some are refused; the count refills while they are verified. */
  const useUp = async (limit: number, login: (index: number) => Promise<{ status: number }>) => {
    const start = performance.now();
    const statuses = await atOnce(limit + 4, login);
    const refilled = Math.floor(((performance.now() - start) * limit) / 60_000);
    const verified = statuses.filter((status) => status === 401).length;
    expect(verified).toBeGreaterThanOrEqual(limit);
    expect(verified).toBeLessThanOrEqual(limit + refilled);
    expect(statuses.filter((status) => status === 429)).toHaveLength(limit + 4 - verified);
  };

  test("to five a minute for a user from one address; other addresses and users are not affected", async () => {
    const stranger = from("203.0.113.5");
    await useUp(5, () => server.login("ada", "wrong password", stranger));
    const locked = await server.login("ada", PASSWORD, stranger);
    expect(locked.status).toBe(429);
    expect(Number(locked.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    expect(locked.headers.get("ratelimit-policy")).toBe('"login-user";q=5;w=60');
    expect((await server.login("ada", PASSWORD)).status).toBe(200);
    expect((await server.login("cleo", PASSWORD, stranger)).status).toBe(200);
  });

  test("to ten a minute for an address, whatever the user", async () => {
    const address = from("203.0.113.9");
    await useUp(10, (index) => server.login(`somebody-${index}`, "x", address));
    expect((await server.login("ada", PASSWORD, address)).status).toBe(429);
    expect((await server.login("ada", PASSWORD)).status).toBe(200);
  });

  test("and successful logins do not count, one after another or at once", async () => {
    const address = from("203.0.113.17");
    for (let attempt = 0; attempt < 6; attempt += 1) {
      expect((await server.login("ada", PASSWORD, address)).status).toBe(200);
    }
    const statuses = await atOnce(14, () => server.login("ada", PASSWORD, address));
    expect(statuses).toEqual(Array.from({ length: 14 }, () => 200));
    await useUp(5, () => server.login("ada", "wrong password", address));
  });

  test("by user and address as a pair: no other pair has the same count", async () => {
    await useUp(5, () => server.login("eve", "x", from("10.9.9.9")));
    // Where every proxy is trusted, the address may be any text.
    for (const [username, address] of [
      ["eve address:10.9.9.9", "10.9.9.9"],
      ["eve", "10.9.9.8"],
      ["ev", "e address:10.9.9.9"],
    ] as const) {
      expect((await server.login(username, "x", from(address))).status).toBe(401);
    }
    expect((await server.login("eve", "x", from("10.9.9.9"))).status).toBe(429);
  });
});

test("several processes count failed logins together, and successful ones not at all", async () => {
  const variables = { ...server.variables, TRUST_PROXY: "true", WORKERS: "2" };
  await using api = await startApi({ variables });
  const login = async (password: string) => {
    // A connection each, so that both processes take part.
    const headers = { "x-forwarded-for": "203.0.113.65", connection: "close" };
    const body = { username: "ada", password };
    return (await send(`${api.url}/login`, requestOf(body, headers))).status;
  };
  for (let attempt = 0; attempt < 6; attempt += 1) expect(await login(PASSWORD)).toBe(200);
  const wrong = await Promise.all(Array.from({ length: 9 }, () => login("wrong password")));
  expect(wrong.filter((status) => status === 401)).toHaveLength(5);
  expect(await login(PASSWORD)).toBe(429);
});

test("without users there is no login", async () => {
  await using other = await startApi({ variables: { JWT_SECRET: SECRET } });
  const body = { username: "ada", password: PASSWORD };
  expect((await fetch(`${other.url}/login`, requestOf(body))).status).toBe(404);
});
