import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startApi } from "../../../apps/api/test/support/api-process.ts";
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
  await consumer.addReadme();
}, 120_000);

afterAll(async () => {
  await consumer?.[Symbol.asyncDispose]();
  await rm(scratch, { recursive: true, force: true });
});

describe("the packed client, installed in an empty project", () => {
  test("compiles with the types of a browser, every declaration checked", async () => {
    expect(await consumer.compile(BROWSER)).toEqual({ code: 0, output: "" });
  }, 60_000);

  test("compiles with the types of Node alone", async () => {
    const typeRoots = [fileURLToPath(new URL("../../../node_modules/@types", import.meta.url))];
    const node = { lib: ["es2024"], types: ["node"], typeRoots };
    await consumer.add("node-types.ts");
    const outcome = await consumer.compile(node);
    expect(outcome).toEqual({ code: 0, output: "" });
  }, 60_000);

  test("predicts, and gives each broken rule of a 422", async () => {
    await using api = await startApi();
    const { code, output } = await command(process.execPath, [SCRIPT, api.url], consumer.folder);
    expect(code, output).toBe(0);
    const detail = [
      {
        type: "greater_than",
        loc: ["body", "features", 1],
        msg: "Input should be greater than 0",
        input: -1,
      },
    ];
    expect(JSON.parse(output)).toMatchObject({
      known: "versicolor",
      confidence: 0.66,
      proba: [0, 0.66, 0.34],
      labels: ["setosa", "virginica"],
      refused: { kind: "invalid", status: 422, detail },
    });
    expect(JSON.parse(output).models).toContain("iris-forest");
  }, 60_000);

  test("brings no other package, and at most 24 KB", async () => {
    const folder = join(consumer.folder, "node_modules/@sepal/client");
    const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    expect(manifest).not.toHaveProperty("dependencies");
    expect(manifest).not.toHaveProperty("peerDependencies");
    const code = await readFile(join(folder, "dist/index.js"));
    expect(gzipSync(code).length).toBeLessThan(24 * 1024);
  });
});

describe("a field that has another name on the server now", () => {
  test("fails the compile of who uses it", async () => {
    const workspace = join(scratch, "workspace");
    await copyWorkspace(workspace);
    const schema = join(workspace, "packages/schema/src");
    await rewrite(join(schema, "contracts/iris.ts"), '"sepal_length"', '"stem_length"');
    await rewrite(join(schema, "predict.ts"), "confidence:", "certainty:");
    const operation = join(workspace, "apps/api/src/operations/operation.ts");
    await rewrite(operation, "proba, confidence };\n}", "proba, certainty: confidence };\n}");
    const client = join(workspace, "packages/client");
    const built = await command(process.execPath, ["scripts/build.ts"], client);
    expect(built.code, built.output).toBe(0);
    await consumer.replace(join(client, "dist"));
    const { code, output } = await consumer.compile(BROWSER);
    expect(code).not.toBe(0);
    expect(output).toContain("'sepal_length' does not exist in type");
    expect(output).toContain("Property 'confidence' does not exist");
  }, 120_000);
});
