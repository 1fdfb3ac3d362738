import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startApi } from "../../apps/api/test/support/api-process.ts";
import { EXPECTED } from "../src/sdks.ts";
import { tryTypescriptSdk } from "../src/typescript-sdk.ts";

test("a TypeScript SDK of the document compiles, predicts and gives a typed 422", async () => {
  await using api = await startApi();
  const folder = await mkdtemp(join(tmpdir(), "sepal-sdk-"));
  try {
    const document = await (await fetch(`${api.url}/openapi.json`)).json();
    const output = await tryTypescriptSdk(Object(document), folder, api.url);
    expect(JSON.parse(output)).toEqual(EXPECTED);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, 60_000);
