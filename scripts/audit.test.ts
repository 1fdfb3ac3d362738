import { once } from "node:events";
import { createServer } from "node:http";
import { expect, test } from "vitest";
import { audit } from "./audit.ts";

const WEAKNESS = {
  id: 1,
  url: "https://example.org/advisory",
  title: "a weakness",
  severity: "high",
  vulnerable_versions: "<999",
  cwe: ["CWE-79"],
  cvss: { score: 7, vectorString: null },
};

/** What pnpm's audit comes to with a registry that answers `body`. */
async function auditBy(status: number, body: unknown) {
  const server = createServer((request, response) => {
    request.resume().once("end", () => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(body));
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    const { port } = Object(server.address());
    return await audit({ pnpm_config_registry: `http://127.0.0.1:${port}/` });
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

test.each([
  ["nothing where nothing is known", 200, {}, { done: true, found: [] }],
  [
    "a dependency with a known weakness",
    200,
    { fastify: [WEAKNESS] },
    { done: true, found: ["fastify: a weakness (https://example.org/advisory)"] },
  ],
  ["that a registry without audits was no help", 405, {}, { done: false, found: [] }],
])("tells %s", async (_what, status, body, outcome) => {
  expect(await auditBy(status, body)).toEqual(outcome);
});
