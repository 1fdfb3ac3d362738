import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startApi } from "./api-process.ts";
import { requestOf } from "./failures.ts";
import { send } from "./json-request.ts";
import { PASSWORD, SECRET, startWithUsers } from "./user-server.ts";

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

describe("logins are throttled", () => {
  test("by name, from whatever address", async () => {
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 6; attempt += 1) {
      statuses.push((await server.login("throttled", "wrong password")).status);
    }
    expect(statuses.slice(0, 5)).toEqual(Array.from({ length: 5 }, () => 401));
    // The bucket refills by one in 12 s.
    const { status, headers } = await server.login("throttled", PASSWORD);
    expect([statuses[5], status]).toContain(429);
    if (status === 429) expect(Number(headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
  });

  test("by address, for whatever names", async () => {
    const from = { "x-forwarded-for": "203.0.113.9" };
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, index) => server.login(`somebody-${index}`, "x", from)),
    );
    const refused = replies.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(Number(refused[0]?.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    expect((await server.login("ada", PASSWORD)).status).toBe(200);
  });
});

test("without users there is no login", async () => {
  await using other = await startApi({ variables: { JWT_SECRET: SECRET } });
  const body = { username: "ada", password: PASSWORD };
  expect((await fetch(`${other.url}/login`, requestOf(body))).status).toBe(404);
});
