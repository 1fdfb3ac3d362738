import { expect, test } from "@playwright/test";
import { rawRequest } from "../support/raw-request.ts";
import { freePort, startApi, startWeb } from "../support/servers.ts";

const JSON_TYPE = { "content-type": "application/json" };
const ROW = JSON.stringify({ features: [5.1, 3.5, 1.4, 0.2] });
const webUrl = () => process.env["SEPAL_WEB_URL"] ?? "";

/** Every kind of path that the playground serves, with the status it has. */
const PATHS: readonly (readonly [path: string, status: number])[] = [
  ["/", 200],
  ["/predict/iris-forest", 200],
  ["/no-such-page", 404],
  ["/predict/no-such-model", 404],
  ["/lessons/99", 404],
  ["/icon.svg", 200],
  ["/_next/static/no-such-file.js", 404],
  ["/api/models", 200],
  ["/api/docs", 200],
  ["/api/redoc", 200],
  ["/api/openapi.json", 200],
  ["/api/predict", 405],
  ["/api/no-such-route", 404],
  ["/trpc/models.list", 200],
  ["/trpc/no.such.procedure", 404],
  ["/metrics", 200],
  ["/metrics/ticks", 200],
  ["//", 308],
  ["/%", 404],
];

/** A file of the build that the start page loads. */
async function staticFile(): Promise<string> {
  const { text } = await rawRequest(`${webUrl()}/`);
  const file = /\/_next\/static\/[^"]+\.js/.exec(text)?.[0];
  if (file === undefined) throw new Error("the start page loads no script");
  return file;
}

test("the icon is cached, so that a changed address does not fetch it again", async ({
  request,
}) => {
  const { "cache-control": caching } = (await request.get(`${webUrl()}/icon.svg`)).headers();
  expect(caching).toBe("public, max-age=86400");
});

test("every response forbids sniffing, framing and foreign content, and names no referrer", async () => {
  const paths = [...PATHS, [await staticFile(), 200] as const];
  for (const [path, status] of paths) {
    const response = await rawRequest(webUrl() + path);
    const { headers } = response;
    expect(response.status, path).toBe(status);
    expect(headers["x-content-type-options"], path).toBe("nosniff");
    expect(headers["x-frame-options"], path).toBe("DENY");
    expect(headers["referrer-policy"], path).toMatch(/^(same-origin|no-referrer)$/);
    const policy = headers["content-security-policy"] ?? "";
    expect(policy, path).toMatch(/^default-src '(none|self)'/);
    expect(policy, path).toContain("frame-ancestors 'none'");
    // One policy: browsers apply the intersection of several.
    expect(policy, path).not.toContain(",");
  }
});

test("the API's own policy for its documentation survives the playground", async () => {
  for (const path of ["/docs", "/redoc"]) {
    const through = await rawRequest(`${webUrl()}/api${path}`);
    const direct = await rawRequest(`${process.env["SEPAL_API_URL"] ?? ""}${path}`);
    for (const name of [
      "content-security-policy",
      "cross-origin-opener-policy",
      "cross-origin-resource-policy",
      "permissions-policy",
      "referrer-policy",
      "x-frame-options",
    ]) {
      expect(through.headers[name], name).toBe(direct.headers[name]);
    }
  }
});

test("a host that is not one of ALLOWED_HOSTS gets 421 on every path", async () => {
  const paths = [...PATHS.map(([path]) => path), await staticFile()];
  for (const path of paths) {
    for (const host of ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80"]) {
      const { status, text } = await rawRequest(webUrl() + path, { headers: { host } });
      expect(status, `${host} ${path}`).toBe(421);
      expect(text, path).toContain("ALLOWED_HOSTS");
      expect(JSON.parse(text), path).toEqual(
        path.startsWith("/trpc/")
          ? {
              error: expect.objectContaining({
                data: expect.objectContaining({ httpStatus: 421 }),
              }),
            }
          : { detail: expect.any(String), request_id: null },
      );
    }
  }
  for (const method of ["POST", "PUT", "OPTIONS", "DELETE", "HEAD"]) {
    const headers = { host: "evil.example" };
    expect((await rawRequest(`${webUrl()}/api/predict`, { method, headers })).status).toBe(421);
  }
  for (const host of ["localhost", "LOCALHOST:1", "127.0.0.1", "[::1]:3000"]) {
    expect((await rawRequest(`${webUrl()}/icon.svg`, { headers: { host } })).status, host).toBe(
      200,
    );
  }
});

test("ALLOWED_HOSTS and PUBLIC_API_URL say by which names the playground is reached", async () => {
  const probe = async (url: string, host: string) =>
    (await rawRequest(`${url}/icon.svg`, { headers: { host } })).status;
  const api = process.env["SEPAL_API_URL"] ?? "";
  await using named = await startWeb(await freePort(), api, {
    ALLOWED_HOSTS: "Sepal.Example, 127.0.0.1",
  });
  expect(await probe(named.url, "sepal.example:8443")).toBe(200);
  expect(await probe(named.url, "localhost")).toBe(200);
  expect(await probe(named.url, "other.example")).toBe(421);
  await using open = await startWeb(await freePort(), api, { ALLOWED_HOSTS: "*" });
  expect(await probe(open.url, "any.example")).toBe(200);
  await using behind = await startWeb(await freePort(), api, {
    PUBLIC_API_URL: "https://sepal.example/api",
  });
  expect(await probe(behind.url, "sepal.example")).toBe(200);
  expect(await probe(behind.url, "evil.example")).toBe(421);
});

test("what only a foreign page sends is rejected, and what a client sends is not", async () => {
  const post = (path: string, headers: Record<string, string>, body = ROW) =>
    rawRequest(webUrl() + path, { method: "POST", headers, body });
  const foreign = { origin: "http://evil.example", "content-type": "text/plain" };
  for (const path of ["/api/predict", "/api/jobs", "/trpc/predict", "/", "/metrics"]) {
    const { status, text, headers } = await post(path, foreign);
    expect(status, path).toBe(403);
    expect(text, path).toContain("may not call");
    // Its body is not read.
    expect(headers["connection"], path).toBe("close");
  }
  expect(JSON.parse((await post("/trpc/predict", foreign)).text)).toEqual({
    error: expect.objectContaining({
      data: { code: "FORBIDDEN", httpStatus: 403, path: "predict" },
    }),
  });
  // A program has no origin; a page of the playground's own has this one.
  expect((await post("/api/predict", JSON_TYPE)).status).toBe(200);
  expect((await post("/api/predict", { ...JSON_TYPE, origin: webUrl() })).status).toBe(200);
  const own = { origin: webUrl(), "sec-fetch-site": "same-origin", "content-type": "text/plain" };
  expect((await post("/api/predict", own)).status).toBe(415);
});

/** Statuses of predictions through the playground, each with another forged address. */
async function forgedCalls(webAddress: string, count: number): Promise<(number | undefined)[]> {
  const statuses: (number | undefined)[] = [];
  for (let call = 0; call < count; call += 1) {
    const forged = { ...JSON_TYPE, "x-forwarded-for": `203.0.113.${call}` };
    const { status } = await rawRequest(`${webAddress}/api/predict`, {
      method: "POST",
      headers: forged,
      body: ROW,
    });
    statuses.push(status);
  }
  return statuses;
}

test("a forged X-Forwarded-For through the playground gets no quota of its own", async () => {
  // Both servers with the same environment, as `pnpm start` gives it to them.
  const settings = { TRUST_PROXY: "loopback", RATE_LIMIT: "2/hour" };
  await using api = await startApi(await freePort(), settings);
  await using web = await startWeb(await freePort(), api.url, settings);
  expect(await forgedCalls(web.url, 4)).toEqual([200, 200, 429, 429]);
});

test("a proxy that WEB_TRUST_PROXY names says for whom it asks, and each client has a quota", async () => {
  await using api = await startApi(await freePort(), {
    TRUST_PROXY: "loopback",
    RATE_LIMIT: "2/hour",
  });
  await using web = await startWeb(await freePort(), api.url, { WEB_TRUST_PROXY: "loopback" });
  expect(await forgedCalls(web.url, 3)).toEqual([200, 200, 200]);
});
