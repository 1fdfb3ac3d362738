import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { OutsideApp } from "../../../examples/test/outside-app.ts";
import { command, Consumer, pack } from "./consumer.ts";
import { copyWorkspace, rewrite } from "./workspace-copy.ts";

const BROWSER = { lib: ["es2022", "dom"], types: [] };
const SCRIPT = "main.ts";

/** What each application outside the workspace is built with, and the feature that it names. */
const APPS = [
  ["vite-app", "bill_length_mm"],
  ["next-app", "petal_length"],
] as const;

let scratch: string;
let tarball: string;
let consumer: Consumer;
/** The client of a server with other names. */
let renamed: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "sepal-packed-"));
  tarball = await pack(fileURLToPath(new URL("..", import.meta.url)), join(scratch, "as-is"));
  consumer = await Consumer.install(tarball);
  await consumer.add(SCRIPT);
  await consumer.link("zod");
  const workspace = join(scratch, "workspace");
  await copyWorkspace(workspace);
  const schema = join(workspace, "packages/schema/src");
  await rewrite(join(schema, "contracts/iris.ts"), '"sepal_length"', '"stem_length"');
  await rewrite(join(schema, "contracts/iris.ts"), '"petal_length"', '"leaf_length"');
  await rewrite(join(schema, "contracts/penguins.ts"), '"bill_length_mm"', '"beak_length_mm"');
  await rewrite(join(schema, "contracts/penguins.ts"), "bill_length_mm:", "beak_length_mm:");
  await rewrite(join(schema, "predict.ts"), "confidence: number", "certainty: number");
  const client = join(workspace, "packages/client");
  const built = await command(process.execPath, ["scripts/build.ts"], client);
  expect(built.code, built.output).toBe(0);
  renamed = join(client, "dist");
});

afterAll(async () => {
  await consumer?.[Symbol.asyncDispose]();
  await rm(scratch, { recursive: true, force: true });
});

test("a field that the server renames fails the compile of a client that uses it", async () => {
  await consumer.replace(renamed);
  const { code, output } = await consumer.compile(BROWSER);
  expect(code).not.toBe(0);
  expect(output).toContain("'sepal_length' does not exist in type");
  expect(output).toContain("Property 'confidence' does not exist");
});

test.each(APPS)(
  "examples/%s, installed by npm, builds; a renamed %s fails its build",
  async (name, feature) => {
    await using app = await OutsideApp.installed(name, tarball);
    const built = await app.run("npm", ["run", "build"]);
    expect(built.code, built.output).toBe(0);
    await app.replaceClient(renamed);
    const { code, output } = await app.run("npm", ["run", "build"]);
    expect(code).not.toBe(0);
    expect(output).toMatch(new RegExp(`error TS\\d+: .*["']${feature}["']`));
  },
);
