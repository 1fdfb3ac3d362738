import { describe, expect, test } from "vitest";
import { startApi } from "../support/api-process.ts";
import { sharedApi } from "../support/shared-api.ts";

const PAGES = ["/docs", "/redoc"];

test.each(PAGES)("%s takes everything it loads from the server itself", async (page) => {
  const api = await sharedApi();
  const reply = await fetch(api.url + page);
  expect(reply.status).toBe(200);
  expect(reply.headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(reply.headers.get("content-security-policy")).toContain("default-src 'none'");
  expect(reply.headers.get("content-security-policy")).toContain("script-src 'self';");
  expect(reply.headers.get("x-frame-options")).toBe("DENY");
  expect(reply.headers.get("referrer-policy")).toBe("no-referrer");
  const html = await reply.text();
  const assets = [...html.matchAll(/(?:src|href|spec-url)="([^"]*)"/g)].map((match) => match[1]);
  expect(assets.length).toBeGreaterThanOrEqual(3);
  for (const asset of assets) {
    const url = new URL(asset ?? "", api.url + page);
    expect(url.origin, asset).toBe(api.url);
    const found = await fetch(url);
    expect(found.status, asset).toBe(200);
    expect(Number(found.headers.get("content-length") ?? (await found.text()).length)).not.toBe(0);
  }
  // Only these bundles have scripts; a page's own would need a looser policy.
  expect(html).not.toMatch(/<script(?![^>]*\ssrc=)/);
});

test("Swagger UI is started on Sepal's own document", async () => {
  const api = await sharedApi();
  const script = await (await fetch(`${api.url}/docs/start.js`)).text();
  expect(script).toContain('url: "openapi.json"');
  expect(script).not.toMatch(/https?:/);
});

describe.each([
  [{ DOCS_ENABLED: "false" }, 404],
  [{ NODE_ENV: "production" }, 404],
  [{ NODE_ENV: "production", DOCS_ENABLED: "true" }, 200],
])("with %j", (variables, status) => {
  test(`the documentation is ${status}, predictions are 200`, async () => {
    await using api = await startApi({ variables: { ...variables } });
    for (const path of [
      ...PAGES,
      "/openapi.json",
      "/docs/start.js",
      "/redoc/redoc.standalone.js",
    ]) {
      expect((await fetch(api.url + path)).status, path).toBe(status);
    }
    const { docs } = JSON.parse(await (await fetch(api.url)).text());
    expect(docs === null).toBe(status === 404);
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ features: [5.1, 3.5, 1.4, 0.2] });
    expect((await fetch(`${api.url}/predict`, { method: "POST", headers, body })).status).toBe(200);
  });
});
