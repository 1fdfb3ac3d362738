import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createEndpoints } from "../../src/endpoints/endpoints.ts";
import { createRouter } from "../../src/endpoints/trpc-router.ts";
import { startInProcess } from "../support/in-process-api.ts";
import { send } from "../support/json-request.ts";
import { listRoutes } from "../support/route-list.ts";

/** The routes that need no key; a route that is meant to be one of them is added here and nowhere else. */
const OPEN_ROUTES = [
  /^\/$/,
  /^\/login$/,
  /^\/health(?:\/live|\/ready)?$/,
  /^\/ping$/,
  /^\/v2\/health\/(?:live|ready)$/,
  /^\/metrics$/,
  /^\/openapi\.json$/,
  /^\/(?:docs|redoc)(?:\/[\w.-]+)?$/,
];

/** The procedures that need no key. */
const OPEN_PROCEDURES = new Set(["health"]);

const JSON_BODY = { "content-type": "application/json" };
/** What says nothing of a known caller. */
const CREDENTIALS: Record<string, string>[] = [{}, { "x-api-key": "nobody-has-this-key" }];
const KEY = "0123456789abcdef-guard";

let folder: string;
let api: Awaited<ReturnType<typeof startInProcess>>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sepal-users-"));
  const USERS_FILE = join(folder, "users");
  await writeFile(USERS_FILE, "");
  api = await startInProcess({
    API_KEYS: `ci:${KEY}`,
    ADMIN_KEYS: `ops:${KEY}-admin`,
    USERS_FILE,
    JWT_SECRET: "s".repeat(32),
  });
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

function statusOf(method: string, path: string, headers: Record<string, string> = {}) {
  const body = method === "GET" || method === "HEAD" ? {} : { body: "{}" };
  return fetch(api.url + path, { method, headers: { ...JSON_BODY, ...headers }, ...body }).then(
    async (reply) => {
      await reply.arrayBuffer();
      return reply.status;
    },
  );
}

test("every route refuses a request without a key, or is open by design", async () => {
  const routes = listRoutes(api.routes);
  expect(routes.length).toBeGreaterThan(150);
  expect(routes).toContainEqual({ method: "POST", url: "/trpc/:path" });
  for (const { method, url } of routes) {
    const path = url.replaceAll(/:\w+/g, "iris-forest").replaceAll("*", "x");
    const open = OPEN_ROUTES.some((pattern) => pattern.test(url));
    for (const headers of CREDENTIALS) {
      const status = await statusOf(method, path, headers);
      // A path that does not take the method says so to everybody.
      if (status === 405) continue;
      if (open) expect(status, `${method} ${url}`).toBe(url === "/login" ? 422 : 200);
      else expect(status, `${method} ${url}`).toBe(401);
    }
  }
});

describe("every procedure refuses a call without a key, or is open by design", () => {
  const names = Object.keys(createRouter(createEndpoints())._def.procedures);
  const input = encodeURIComponent("{}");

  test.each(names)("%s", async (name) => {
    const refused = OPEN_PROCEDURES.has(name) ? [200, 405] : [401];
    const dotted = name.replaceAll(".", "%2E");
    for (const path of [name, dotted, `${name}?input=${input}`, `${name}?batch=1&input=${input}`]) {
      for (const method of ["GET", "POST"]) {
        expect(refused, `${method} ${path}`).toContain(await statusOf(method, `/trpc/${path}`));
      }
    }
    // One call of a batch that needs a key is enough.
    for (const path of [`${name},models.list`, `models.list%2C${name}`, `health,${name},nope`]) {
      expect(await statusOf("GET", `/trpc/${path}?batch=1`), path).toBe(401);
    }
  });
});

test("the document says of the same routes that they need a key", async () => {
  const { body } = await send(`${api.url}/openapi.json`);
  const schemes = { apiKey: { type: "apiKey", in: "header" }, bearer: { type: "http" } };
  expect(body.components.securitySchemes).toMatchObject(schemes);
  for (const [path, item] of Object.entries<Record<string, object>>(body.paths)) {
    const open = OPEN_ROUTES.some((pattern) => pattern.test(path));
    for (const [method, operation] of Object.entries(item)) {
      expect("security" in operation, `${method} ${path}`).toBe(!open);
      const { responses } = Object(operation);
      expect("401" in responses, `${method} ${path}`).toBe(!open || path === "/login");
    }
  }
});
