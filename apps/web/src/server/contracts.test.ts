import { createServer } from "node:http";
import { once } from "node:events";
import { expect, test } from "vitest";
import { iris } from "@sepal/schema/contracts/iris";
import { fetchContract } from "./contracts.ts";

const mounted = {
  name: "shirts",
  title: "Shirts",
  description: "The price of a shirt.",
  task: "regression",
  features: [{ type: "boolean", name: "linen", label: "Linen" }],
  targets: [{ name: "price", label: "Price", unit: "EUR" }],
  examples: [{ name: "linen", features: { linen: true } }],
};

/** An API that has one contract, and the keys it was asked with. */
async function startApi() {
  const keys: unknown[] = [];
  const server = createServer((request, response) => {
    keys.push(request.headers["x-api-key"]);
    const found = request.url === "/contracts/shirts";
    const status = found ? 200 : request.url === "/contracts/iris" ? 503 : 404;
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(found ? { format: 1, ...mounted } : { detail: "none" }));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const stop = async () => {
    server.close();
    await once(server, "close");
  };
  return { apiUrl: `http://127.0.0.1:${port}`, keys, [Symbol.asyncDispose]: stop };
}

test("takes a contract from the API, with the playground's key", async () => {
  await using api = await startApi();
  expect(await fetchContract("shirts", { apiUrl: api.apiUrl, apiKey: "sk-own" })).toEqual(mounted);
  expect(api.keys).toEqual(["sk-own"]);
});

test("falls back to a compiled contract as plain data when the API fails", async () => {
  await using api = await startApi();
  const source = { apiUrl: api.apiUrl, apiKey: undefined };
  const found = await fetchContract("iris", source);
  expect(found).toEqual(JSON.parse(JSON.stringify(iris)));
  expect(structuredClone(found)).toEqual(found);
});

test("has no contract that the API does not have", async () => {
  await using api = await startApi();
  const source = { apiUrl: api.apiUrl, apiKey: undefined };
  for (const name of ["wine", "constructor", "../health"]) {
    expect(await fetchContract(name, source)).toBeUndefined();
  }
});

test("falls back when no API listens", async () => {
  const source = { apiUrl: "http://127.0.0.1:1", apiKey: undefined };
  expect((await fetchContract("wine", source))?.title).toBe("Wine");
  expect(await fetchContract("constructor", source)).toBeUndefined();
});
