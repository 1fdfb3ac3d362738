import { decodeJwt, generateKeyPair, SignJWT, UnsecuredJWT, type JWTPayload } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, runApi, startApi, type ApiProcess } from "../support/api-process.ts";
import { GOOD, requestOf } from "../support/failures.ts";
import { send } from "../support/json-request.ts";
import { AUDIENCE, startIssuer } from "../support/oidc-issuer.ts";
import { SECRET } from "../support/user-server.ts";

const ADMIN = "realm.roles=sepal-admin";

let issuer: Awaited<ReturnType<typeof startIssuer>>;
let other: Awaited<ReturnType<typeof startIssuer>>;
let api: ApiProcess;
beforeAll(async () => {
  issuer = await startIssuer({ roles: ["sepal-admin", "staff"] });
  other = await startIssuer({ roles: ["staff"] });
  api = await startApi({
    variables: {
      OIDC_ISSUERS: `${issuer.url}, ${other.url}`,
      OIDC_AUDIENCE: `elsewhere,${AUDIENCE}`,
      OIDC_ADMIN: ADMIN,
      API_KEYS: "nightly:0123456789abcdef",
      JWT_SECRET: SECRET,
    },
  });
});
afterAll(() => Promise.all([issuer, other, api].map((each) => each[Symbol.asyncDispose]())));

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const predict = (token: string, path = "/predict", url = api.url) =>
  send(url + path, requestOf(GOOD, bearer(token)));

test("a token of each issuer is taken on REST, tRPC and OIP, and /me names its caller", async () => {
  for (const each of [issuer, other]) {
    const token = await each.token();
    const { exp = 0 } = decodeJwt(token);
    for (const path of ["/predict", "/trpc/predict"]) {
      expect((await predict(token, path)).status, path).toBe(200);
    }
    expect((await send(`${api.url}/v2/models`, { headers: bearer(token) })).status).not.toBe(401);
    const { body } = await send(`${api.url}/me`, { headers: bearer(token) });
    expect(body).toEqual({
      caller: `oidc:${each.url}#scoring-job`,
      credential: "oidc_token",
      expires_at: new Date(exp * 1000).toISOString(),
    });
  }
  expect((await send(`${api.url}/predict`, requestOf(GOOD))).status).toBe(401);
  const key = { "x-api-key": "0123456789abcdef" };
  expect((await send(`${api.url}/predict`, requestOf(GOOD, key))).status).toBe(200);
  await eventually(
    () => api.log.some((line) => line["caller"] === `oidc:${issuer.url}#scoring-job`),
    "the log names the caller",
  );
});

test("the claim of OIDC_ADMIN makes admins, and its absence does not", async () => {
  const load = (token: string) =>
    send(`${api.url}/v2/repository/models/iris-logistic/load`, requestOf({}, bearer(token)));
  expect((await load(await issuer.token())).status).toBe(200);
  const refused = await load(await other.token());
  expect(refused.status).toBe(403);
  expect(refused.text).toContain("a token with the claim of OIDC_ADMIN");
});

test("a token that ends after the last date is good until then", async () => {
  const own = decodeJwt(await issuer.token());
  const token = await issuer.sign({ ...own, exp: 1e15 });
  const { status, body } = await send(`${api.url}/me`, { headers: bearer(token) });
  expect([status, body.expires_at]).toEqual([200, "+275760-09-13T00:00:00.000Z"]);
});

describe("a token is refused", () => {
  const now = Math.floor(Date.now() / 1000);
  let own: JWTPayload;
  beforeAll(async () => {
    own = decodeJwt(await issuer.token());
  });

  test("not when nothing is changed, nor within the tolerance of clocks", async () => {
    expect((await predict(await issuer.sign(own))).status).toBe(200);
    const late = await issuer.sign({ ...own, exp: now - 10, nbf: now - 60 });
    expect((await predict(late)).status).toBe(200);
    expect((await predict(late)).status).toBe(200);
  });

  test.each<[string, (own: JWTPayload) => JWTPayload]>([
    ["expired", (own) => ({ ...own, exp: now - 60 })],
    ["without an end", ({ exp: _exp, ...own }) => own],
    ["not yet good", (own) => ({ ...own, nbf: now + 600 })],
    ["for another audience", (own) => ({ ...own, aud: "https://mail.example.com" })],
    ["without an audience", ({ aud: _aud, ...own }) => own],
    ["of an issuer that is not configured", (own) => ({ ...own, iss: "http://127.0.0.1:9" })],
    ["of an issuer with a slash more", (own) => ({ ...own, iss: `${issuer.url}/` })],
    ["of the other issuer, by the keys of this one", (own) => ({ ...own, iss: other.url })],
    ["without an issuer", ({ iss: _iss, ...own }) => own],
    ["of nobody", ({ sub: _sub, ...own }) => own],
    ["of several subjects", (own) => ({ ...own, ...Object({ sub: ["ada"] }) })],
    ["of a subject that would break the log", (own) => ({ ...own, sub: '","x":"' })],
  ])("%s", async (_name, change) => {
    const reply = await predict(await issuer.sign(change(own)));
    expect(reply.status).toBe(401);
    expect(reply.headers.get("www-authenticate")).toContain('error="invalid_token"');
  });

  test("with another algorithm, another key or another payload", async () => {
    const good = await issuer.sign(own);
    const [head = "", payload = "", signature = ""] = good.split(".");
    const { keys } = (await send(`${issuer.url}/jwks`)).body;
    const shared = new TextEncoder().encode(JSON.stringify(keys[0]));
    const { privateKey } = await generateKeyPair("RS256");
    const by = (alg: string, key: Parameters<SignJWT["sign"]>[0]) =>
      new SignJWT(own).setProtectedHeader({ alg, kid: keys[0].kid }).sign(key);
    const forged = Buffer.from(JSON.stringify({ ...own, sub: "root" })).toString("base64url");
    const tokens = {
      none: new UnsecuredJWT(own).encode(),
      "none with the signature of another": `${Buffer.from('{"alg":"none"}').toString("base64url")}.${payload}.${signature}`,
      "HS256 by the public key": await by("HS256", shared),
      "the issuer's kid by another key": await by("RS256", privateKey),
      "another payload": `${head}.${forged}.${signature}`,
      "no signature": `${head}.${payload}.`,
    };
    for (const [name, token] of Object.entries(tokens)) {
      for (const path of ["/predict", "/trpc/predict", "/trpc/predict?batch=1"]) {
        expect((await predict(token, path)).status, name).toBe(401);
      }
    }
  });

  test("and a stranger who invents keys makes the server fetch at most once in ten seconds", async () => {
    const before = other.fetches();
    const foreign = decodeJwt(await other.token());
    const tokens = await Promise.all(
      Array.from({ length: 40 }, (_, at) => other.sign(foreign, { kid: `invented-${at}` })),
    );
    const began = performance.now();
    for (const token of tokens) expect((await predict(token)).status).toBe(401);
    const seconds = (performance.now() - began) / 1000;
    expect(other.fetches() - before).toBeGreaterThan(0);
    expect(other.fetches() - before).toBeLessThanOrEqual(1 + Math.ceil(seconds / 10));
  });
});

test("a new key is found at once, and one that was withdrawn ends its tokens at the next refresh", async () => {
  await using rotating = await startIssuer();
  await using served = await startApi({
    variables: {
      OIDC_ISSUERS: rotating.url,
      OIDC_AUDIENCE: AUDIENCE,
      OIDC_REFRESH_S: "1",
      WORKERS: "2",
    },
  });
  const statuses = async (token: string) => {
    const all = Array.from({ length: 6 }, () => predict(token, "/predict", served.url));
    return [...new Set((await Promise.all(all)).map(({ status }) => status))];
  };
  const first = await rotating.token();
  expect(await statuses(first)).toEqual([200]);
  await rotating.rotate("ES256");
  const second = await rotating.token();
  expect(await statuses(second)).toEqual([200]);
  await eventually(async () => (await statuses(first)).join() === "401", "the old key ends");
  expect(await statuses(second)).toEqual([200]);
});

test("without its issuer the keys hold for the grace time; then nobody is let in until it is back", async () => {
  await using gone = await startIssuer();
  await using served = await startApi({
    variables: {
      OIDC_ISSUERS: gone.url,
      OIDC_AUDIENCE: AUDIENCE,
      OIDC_REFRESH_S: "1",
      OIDC_GRACE_S: "2",
      API_KEYS: "nightly:0123456789abcdef",
    },
  });
  const token = await gone.token();
  const unseen = await gone.sign({ ...decodeJwt(token), sub: "another" });
  const status = async (one: string) => (await predict(one, "/predict", served.url)).status;
  expect(await status(token)).toBe(200);
  await gone.stop();
  const fault = async () => (await send(`${served.url}/health`)).body.faults?.[0];
  await eventually(async () => (await fault()) !== undefined, "the fault is reported");
  expect(await fault()).toEqual({
    setting: "OIDC_ISSUERS",
    reason: expect.stringMatching(
      /^http:\S+\/openid-configuration cannot be fetched \(ECONNREFUSED\); the keys fetched before hold for \d s$/,
    ),
  });
  expect(await status(unseen)).toBe(200);
  await eventually(async () => (await status(token)) === 503, "the keys end");
  const refused = await predict(unseen, "/predict", served.url);
  expect(refused.status).toBe(503);
  expect(refused.headers.get("retry-after")).toBe("5");
  expect(refused.body.detail).toContain("the server cannot use its OIDC_ISSUERS");
  expect((await fault()).reason).toContain("its tokens are not verified");
  expect((await send(`${served.url}/health/ready`)).status).toBe(200);
  const key = { "x-api-key": "0123456789abcdef" };
  expect((await send(`${served.url}/predict`, requestOf(GOOD, key))).status).toBe(200);
  await gone.listen();
  await eventually(async () => (await status(token)) === 200, "the issuer is back");
  expect(await fault()).toBeUndefined();
});

test("a server whose issuer is not there starts, and verifies tokens once it is", async () => {
  await using late = await startIssuer();
  const token = await late.token();
  await late.stop();
  const variables = { OIDC_ISSUERS: late.url, OIDC_AUDIENCE: AUDIENCE, OIDC_REFRESH_S: "1" };
  await using served = await startApi({ variables });
  expect((await predict(token, "/predict", served.url)).status).toBe(503);
  expect((await send(`${served.url}/predict`, requestOf(GOOD))).status).toBe(401);
  await late.listen();
  const status = async () => (await predict(token, "/predict", served.url)).status;
  await eventually(async () => (await status()) === 200, "the issuer is there");
});

test("tokens by JWT_SECRET are taken beside those of issuers", async () => {
  const token = await new SignJWT({})
    .setProtectedHeader({ alg: "HS256" })
    .setIssuer("sepal")
    .setAudience("sepal")
    .setSubject("ada")
    .setExpirationTime("1 minute")
    .sign(new TextEncoder().encode(SECRET));
  const { body } = await send(`${api.url}/me`, { headers: bearer(token) });
  expect(body).toMatchObject({ caller: "user:ada", credential: "token" });
});

test("the start ends with an issuer and no audience", async () => {
  const { code, lines } = await runApi({ variables: { OIDC_ISSUERS: issuer.url } });
  expect(code).toBe(1);
  expect(lines).toEqual([
    "sepal: OIDC_AUDIENCE must be set where OIDC_ISSUERS is: without it tokens for any other service would be taken",
  ]);
});
