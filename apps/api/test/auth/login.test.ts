import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, startApi } from "../support/api-process.ts";
import { requestOf } from "../support/failures.ts";
import { send, type Reply } from "../support/json-request.ts";
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

/** Sends a form of OAuth 2.0 to `/login`. */
function sendForm(fields: Readonly<Record<string, string>>, headers: Record<string, string> = {}) {
  return send(`${server.api.url}/login`, {
    method: "POST",
    headers: { "x-forwarded-for": "10.9.0.1", ...headers },
    body: new URLSearchParams(fields),
  });
}

describe("the password form of OAuth 2.0", () => {
  const ADA = { username: "ada", password: PASSWORD };

  test("gives a token, whatever else it says", async () => {
    const reply = await sendForm({ grant_type: "password", scope: "", client_id: "web", ...ADA });
    expect(reply.status).toBe(200);
    expect(reply.body).toMatchObject({ token_type: "bearer", expires_in: 600 });
    expect((await server.predictWith(reply.body.access_token)).status).toBe(200);
    expect((await sendForm(ADA)).status).toBe(200);
  });

  test("is rejected with a wrong password", async () => {
    const reply = await sendForm({ ...ADA, password: "wrong password" });
    expect(reply.status).toBe(401);
    expect(reply.body.detail).toBe("the username or the password is wrong");
  });

  test.each([
    [{ grant_type: "client_credentials", ...ADA }, ["body", "grant_type"]],
    [{ grant_type: "password", username: "ada" }, ["body", "password"]],
    [{}, ["body", "username"]],
  ])("is rejected as %j, and nothing of it is shown", async (fields, loc) => {
    const reply = await sendForm(fields);
    expect(reply.status).toBe(422);
    expect(reply.body.detail[0].loc).toEqual(loc);
    expect(reply.body.detail[0].input).toBeNull();
    for (const value of [PASSWORD, "client_credentials"]) expect(reply.text).not.toContain(value);
  });

  test("is rejected where a name stands in it twice", async () => {
    const reply = await send(`${server.api.url}/login`, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: "username=ada&username=eve&password=x",
    });
    expect(reply.status).toBe(422);
    expect(reply.body.detail[0]).toMatchObject({ type: "string_type", loc: ["body", "username"] });
  });

  test("is not taken from a page of another origin", async () => {
    const reply = await sendForm(ADA, { origin: "https://elsewhere.example" });
    expect(reply.status).toBe(403);
  });
});

describe("GET /me", () => {
  test("names a user and when the token ends", async () => {
    const before = Date.now();
    const { access_token: token } = (await server.login("ada", PASSWORD)).body;
    const headers = { authorization: `Bearer ${token}` };
    const reply = await send(`${server.api.url}/me`, { headers });
    expect(reply.status).toBe(200);
    expect(reply.headers.get("cache-control")).toBe("no-store");
    expect(reply.body).toEqual({
      caller: "user:ada",
      credential: "token",
      expires_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    });
    const lasts = Date.parse(reply.body.expires_at) - before;
    expect(lasts).toBeGreaterThan(598_000);
    expect(lasts).toBeLessThan(660_000);
    // The second time the token's check is remembered.
    expect((await send(`${server.api.url}/me`, { headers })).body).toEqual(reply.body);
  });

  test("is rejected without a credential", async () => {
    expect((await send(`${server.api.url}/me`)).status).toBe(401);
  });
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
    // A response without a hash takes 2 ms, one with it 100 ms and more; a busy machine makes either several times longer.
    expect(fastest(times.unknown)).toBeGreaterThan(fastest(times.known) / 8);
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

  /** Logs in until that is refused: on a slow machine the count refills while passwords are verified. */
  const locked = async (attempt: () => Promise<Reply>, fail: () => Promise<Reply>) => {
    for (;;) {
      const reply = await attempt();
      if (reply.status === 429) return reply;
      await fail();
    }
  };

  test("to five a minute for a user from one address; other addresses and users are not affected", async () => {
    const stranger = from("203.0.113.5");
    await useUp(5, () => server.login("ada", "wrong password", stranger));
    const reply = await locked(
      () => server.login("ada", PASSWORD, stranger),
      () => server.login("ada", "wrong password", stranger),
    );
    expect(Number(reply.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    expect(reply.headers.get("ratelimit-policy")).toBe('"login-user";q=5;w=60');
    expect((await server.login("ada", PASSWORD)).status).toBe(200);
    expect((await server.login("cleo", PASSWORD, stranger)).status).toBe(200);
  });

  test("to ten a minute for an address, whatever the user", async () => {
    const address = from("203.0.113.9");
    await useUp(10, (index) => server.login(`somebody-${index}`, "x", address));
    const reply = await locked(
      () => server.login("ada", PASSWORD, address),
      () => server.login("nobody", "x", address),
    );
    expect(reply.headers.get("ratelimit-policy")).toBe('"login-address";q=10;w=60');
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
    const again = () => server.login("eve", "x", from("10.9.9.9"));
    await locked(again, again);
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
  const start = performance.now();
  const wrong = await Promise.all(Array.from({ length: 9 }, () => login("wrong password")));
  const verified = wrong.filter((status) => status === 401).length;
  expect(verified).toBeGreaterThanOrEqual(5);
  // It refills while passwords are verified.
  expect(verified).toBeLessThanOrEqual(5 + Math.floor((performance.now() - start) / 12_000));
  await eventually(async () => {
    if ((await login(PASSWORD)) === 429) return true;
    await login("wrong password");
    return false;
  }, "the user is locked in both processes");
});

test("without users there is no login", async () => {
  await using other = await startApi({ variables: { JWT_SECRET: SECRET } });
  const body = { username: "ada", password: PASSWORD };
  expect((await fetch(`${other.url}/login`, requestOf(body))).status).toBe(404);
});
