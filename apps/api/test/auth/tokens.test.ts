import { generateKeyPairSync } from "node:crypto";
import { SignJWT, UnsecuredJWT, type JWTPayload } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, startApi } from "../support/api-process.ts";
import { GOOD, requestOf } from "../support/failures.ts";
import { identityCommand } from "../support/identity-command.ts";
import { send } from "../support/json-request.ts";
import { PASSWORD, SECRET, startWithUsers } from "../support/user-server.ts";

let server: Awaited<ReturnType<typeof startWithUsers>>;
beforeAll(async () => {
  server = await startWithUsers();
});
afterAll(() => server[Symbol.asyncDispose]());

describe("a token is refused", () => {
  const now = Math.floor(Date.now() / 1000);
  const secret = new TextEncoder().encode(SECRET);
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const signed = (payload: JWTPayload, key = secret) =>
    new SignJWT(payload).setProtectedHeader({ alg: "HS256" }).sign(key);
  /** Claims of a token that the server issued itself, so that nothing but the change is wrong. */
  let own: JWTPayload;
  beforeAll(async () => {
    const { body } = await server.login("ada", PASSWORD);
    const [, payload = ""] = String(body.access_token).split(".");
    own = JSON.parse(Buffer.from(payload, "base64url").toString());
  });

  test("not when nothing is changed", async () => {
    expect((await server.predictWith(await signed(own))).status).toBe(200);
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
    const reply = await server.predictWith(await signed(change(own)));
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
        expect((await server.predictWith(token, path)).status, name).toBe(401);
      }
    }
  });
});

test("a token ends when it expires, also where it was checked before", async () => {
  await using brief = await startApi({ variables: { ...server.variables, JWT_TTL_S: "1" } });
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
  const readings = () => server.api.log.filter((line) => line["msg"] === "read again").length;
  const tokenFor = async (password: string): Promise<string> => {
    const before = readings();
    await identityCommand(["users", "add", "bob"], server.variables, `${password}\n`);
    await eventually(() => readings() > before, "the users are read again");
    return (await server.login("bob", password)).body.access_token;
  };
  const ends = (token: string) =>
    eventually(async () => (await server.predictWith(token)).status === 401, "the token ends");
  const older = await tokenFor("an older password");
  expect((await server.predictWith(older)).status).toBe(200);
  const newer = await tokenFor("a newer password");
  await ends(older);
  expect((await server.predictWith(newer)).status).toBe(200);
  await identityCommand(["users", "remove", "bob"], server.variables);
  await ends(newer);
});
