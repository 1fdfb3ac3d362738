import { createServer, request as ask } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startApi, type ApiProcess } from "../support/api-process.ts";
import { send } from "../support/json-request.ts";

const PREFIX = "/ml/sepal";

/** A proxy that serves a server below a path; it strips the path, or leaves it. */
async function startProxy(target: string, strips: boolean) {
  const { hostname, port } = new URL(target);
  const server = createServer((incoming, outgoing) => {
    const { url = "/", method, headers } = incoming;
    if (!url.startsWith(`${PREFIX}/`)) {
      outgoing.writeHead(404).end("not below the path");
      return;
    }
    const forwarded = {
      ...headers,
      "x-forwarded-for": "192.0.2.1",
      ...(strips && { "x-forwarded-prefix": PREFIX }),
    };
    const path = strips ? url.slice(PREFIX.length) : url;
    const upstream = ask({ hostname, port, method, path, headers: forwarded }, (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(outgoing);
    });
    incoming.pipe(upstream);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address: AddressInfo = Object(server.address());
  return {
    url: `http://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

test.each([
  ["strips its path and names it", true, { TRUST_PROXY: "1" }],
  ["leaves its path", false, { PATH_PREFIX: PREFIX }],
  ["strips its path, which a setting names", true, { PATH_PREFIX: PREFIX }],
])(
  "behind a proxy that %s, pages, document and predictions work",
  async (_how, strips, variables) => {
    await using api = await startApi({ variables });
    await using proxy = await startProxy(api.url, strips);
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
  await using api = await startApi();
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
    api = await startApi();
  });
  afterAll(() => api[Symbol.asyncDispose]());

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
