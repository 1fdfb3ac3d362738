import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { command, Consumer, pack } from "./consumer.ts";
import { copyWorkspace, rewrite } from "./workspace-copy.ts";

const BROWSER = { lib: ["es2022", "dom"], types: [] };
const SCRIPT = "main.ts";

let scratch: string;
let consumer: Consumer;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "sepal-packed-"));
  const tarball = await pack(fileURLToPath(new URL("..", import.meta.url)), join(scratch, "as-is"));
  consumer = await Consumer.install(tarball);
  await consumer.add(SCRIPT);
});

afterAll(async () => {
  await consumer?.[Symbol.asyncDispose]();
  await rm(scratch, { recursive: true, force: true });
});

test("a field that the server renames fails the compile of a client that uses it", async () => {
  const workspace = join(scratch, "workspace");
  await copyWorkspace(workspace);
  const schema = join(workspace, "packages/schema/src");
  await rewrite(join(schema, "contracts/iris.ts"), '"sepal_length"', '"stem_length"');
  await rewrite(join(schema, "predict.ts"), "confidence: number", "certainty: number");
  const client = join(workspace, "packages/client");
  const built = await command(process.execPath, ["scripts/build.ts"], client);
  expect(built.code, built.output).toBe(0);
  await consumer.replace(join(client, "dist"));
  const { code, output } = await consumer.compile(BROWSER);
  expect(code).not.toBe(0);
  expect(output).toContain("'sepal_length' does not exist in type");
  expect(output).toContain("Property 'confidence' does not exist");
});
