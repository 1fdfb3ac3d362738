import { expect, test } from "../support/test.ts";

test("the API's statuses and headers reach the browser through the playground", async ({
  request,
}) => {
  const health = await request.get("/api/health", { headers: { "x-request-id": "mine-1" } });
  expect(health.headers()["x-request-id"]).toBe("mine-1");
  const wrong = await request.get("/api/predict");
  expect(wrong.status()).toBe(405);
  expect(wrong.headers()["allow"]).toContain("POST");
});

test("a path cannot name another host", async ({ request, apiUrl }) => {
  const reply = await request.get(`/api/${encodeURIComponent("/")}/127.0.0.1:1/health`);
  expect(reply.status()).toBe(404);
  expect(apiUrl).toContain("127.0.0.1");
});

test("metrics are scraped at most once a second for all who ask", async ({ request }) => {
  const began = performance.now();
  const replies = await Promise.all(Array.from({ length: 20 }, () => request.get("/metrics")));
  const seconds = (performance.now() - began) / 1000;
  const times = new Set(replies.map((reply) => reply.headers()["x-scraped-at"]));
  // A scrape lives 0.99 s, and one may have been taken just before.
  expect(times.size).toBeLessThanOrEqual(Math.ceil(seconds / 0.99) + 1);
  expect(await replies[0]?.text()).toContain("model_loads_total");
});

test("every page has a policy with a nonce of its own and no unsafe script", async ({
  request,
}) => {
  const policies = await Promise.all(
    [1, 2].map(async () => (await request.get("/")).headers()["content-security-policy"] ?? ""),
  );
  const scripts = policies.map((policy) => /script-src ([^;]*)/.exec(policy)?.[1] ?? "");
  expect(scripts[0]).toMatch(/^'self' 'nonce-[\w+/=]+' 'strict-dynamic'$/);
  expect(scripts[0]).not.toBe(scripts[1]);
});
