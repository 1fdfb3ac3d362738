import { beforeAll, describe, expect, test } from "vitest";
import { startApi, type ApiProcess } from "../support/api-process.ts";
import { send } from "../support/json-request.ts";
import { PREFIX, startPrefixProxy } from "../support/prefix-proxy.ts";
import { sharedApi } from "../support/shared-api.ts";

test.each([
  ["strips its path and names it", true, { TRUST_PROXY: "1" }],
  ["leaves its path", false, { PATH_PREFIX: PREFIX }],
  ["strips its path, which a setting names", true, { PATH_PREFIX: PREFIX }],
])(
  "behind a proxy that %s, pages, document and predictions work",
  async (_how, strips, variables) => {
    await using api = await startApi({ variables });
    await using proxy = await startPrefixProxy(api.url, strips);
    for (const page of ["docs", "redoc"]) {
      const url = `${proxy.url}${PREFIX}/${page}`;
      const html = await (await fetch(url)).text();
      const assets = [...html.matchAll(/(?:src|href|spec-url)="([^"]+)"/g)].map(
        ([, asset = ""]) => asset,
      );
      expect(assets.length).toBeGreaterThan(1);
      for (const asset of assets) {
        const { pathname } = new URL(asset, url);
        expect(pathname.startsWith(`${PREFIX}/`), asset).toBe(true);
        expect((await fetch(proxy.url + pathname)).status, asset).toBe(200);
      }
    }
    const { body } = await send(`${proxy.url}${PREFIX}/openapi.json`);
    expect(body.servers).toEqual([{ url: PREFIX }]);
    const prediction = await send(`${proxy.url}${PREFIX}/predict`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"features":[5.1,3.5,1.4,0.2]}',
    });
    expect([prediction.status, prediction.body.label]).toEqual([200, "setosa"]);
    const slash = await fetch(`${proxy.url}${PREFIX}/docs/`);
    expect([slash.status, new URL(slash.url).pathname]).toEqual([200, `${PREFIX}/docs`]);
  },
);

test("a prefix of somebody who is no proxy is not believed, nor is one that is no path", async () => {
  const api = await sharedApi();
  const servers = async (prefix: string, more: Record<string, string> = {}) => {
    const headers = { "x-forwarded-prefix": prefix, ...more };
    return (await send(`${api.url}/openapi.json`, { headers })).body.servers;
  };
  expect(await servers("/evil")).toEqual([{ url: "/" }]);
  expect(await servers("/evil", { "x-forwarded-for": "192.0.2.1" })).toEqual([{ url: "/" }]);
  await using trusting = await startApi({ variables: { TRUST_PROXY: "1" } });
  const headers = { "x-forwarded-for": "192.0.2.1", "x-forwarded-prefix": "//evil.example" };
  expect((await send(`${trusting.url}/openapi.json`, { headers })).body.servers).toEqual([
    { url: "/" },
  ]);
});

describe("a slash at the end", () => {
  let api: ApiProcess;
  beforeAll(async () => {
    api = await sharedApi();
  });

  test.each([
    ["/docs/", "../docs"],
    ["/models/", "../models"],
    ["/health/", "../health"],
    ["/health/ready/?a=b", "../ready?a=b"],
    ["/models/iris-forest/", "../iris-forest"],
  ])("GET %s is found without it", async (path, location) => {
    for (const method of ["GET", "HEAD"]) {
      const reply = await fetch(api.url + path, { method, redirect: "manual" });
      expect([reply.status, reply.headers.get("location")]).toEqual([308, location]);
    }
    expect((await fetch(api.url + path, { method: "POST" })).status).toBe(404);
  });

  test.each(["/nope/", "/predict/", "//docs/", "/docs//"])("GET %s is 404", async (path) => {
    expect((await fetch(api.url + path, { redirect: "manual" })).status).toBe(404);
  });
});
