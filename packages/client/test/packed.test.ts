import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sharedApi } from "../../../apps/api/test/support/shared-api.ts";
import { addTo } from "../../../apps/api/test/support/added-models.ts";
import { eventually, startApi } from "../../../apps/api/test/support/api-process.ts";
import { send } from "../../../apps/api/test/support/json-request.ts";
import { copyWorkspace } from "../../../apps/api/test/support/workspace-copy.ts";
import { OutsideApp } from "../../../examples/test/outside-app.ts";
import { command, Consumer, pack } from "./consumer.ts";

const BROWSER = { lib: ["es2022", "dom"], types: [] };
const SCRIPT = "main.ts";

const PIPELINE = fileURLToPath(
  new URL("../../../apps/api/test/fixtures/exported/titanic_pipeline/", import.meta.url),
);

let scratch: string;
let tarball: string;
let consumer: Consumer;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "sepal-packed-"));
  tarball = await pack(fileURLToPath(new URL("..", import.meta.url)), join(scratch, "as-is"));
  consumer = await Consumer.install(tarball);
  await consumer.add(SCRIPT);
  await consumer.link("zod");
  await consumer.addReadme();
});

afterAll(async () => {
  await consumer?.[Symbol.asyncDispose]();
  await rm(scratch, { recursive: true, force: true });
});

describe("the packed client, installed in an empty project", () => {
  test("compiles with the types of a browser, every declaration checked", async () => {
    expect(await consumer.compile(BROWSER)).toEqual({ code: 0, output: "" });
  });

  test("compiles with the types of Node alone", async () => {
    const typeRoots = [fileURLToPath(new URL("../../../node_modules/@types", import.meta.url))];
    const node = { lib: ["es2024"], types: ["node"], typeRoots };
    await consumer.add("node-types.ts");
    const outcome = await consumer.compile(node);
    expect(outcome).toEqual({ code: 0, output: "" });
  });

  test("predicts, and gives each broken rule of a 422", async () => {
    const api = await sharedApi();
    const { code, output } = await command(process.execPath, [SCRIPT, api.url], consumer.folder);
    expect(code, output).toBe(0);
    const detail = [
      {
        type: "greater_than",
        loc: ["body", "features", "sepal_width"],
        feature: "sepal_width",
        msg: "Input should be greater than 0",
        input: -1,
      },
    ];
    expect(JSON.parse(output)).toMatchObject({
      known: "versicolor",
      confidence: 0.66,
      proba: [0, 0.66, 0.34],
      labels: ["setosa", "virginica"],
      examples: { petalWidth: 0.2, between: "between versicolor and virginica", island: "Dream" },
      feature: "sepal_width",
      checked: [[["petal_width"], "Input should be greater than 0"]],
      refused: { kind: "invalid", status: 422, detail },
    });
    expect(JSON.parse(output).models).toContain("iris-forest");
  });

  test("brings no other package, and at most 24 KB", async () => {
    const folder = join(consumer.folder, "node_modules/@sepal/client");
    const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    expect(manifest).not.toHaveProperty("dependencies");
    // Of the schemas alone.
    expect(manifest.peerDependenciesMeta).toEqual({ zod: { optional: true } });
    expect(Object.keys(manifest.peerDependencies)).toEqual(["zod"]);
    const code = await readFile(join(folder, "dist/index.js"));
    expect(gzipSync(code).length).toBeLessThan(24 * 1024);
  });
});

// With npm's own packages, built, and broken by a renamed feature: packed.deep.test.ts.
test.each(["vite-app", "next-app"])(
  "examples/%s compiles with it outside the workspace, every declaration checked",
  async (name) => {
    await using app = await OutsideApp.linked(name, tarball);
    expect(await app.compile()).toEqual({ code: 0, output: "" });
  },
);

// A column transformer over texts, booleans and missing cells, exported by skl2onnx with an input a column.
test("an exported pipeline is called with its types from another project while the server runs", async () => {
  await using workspace = await copyWorkspace();
  const main = workspace.file("apps/api/src/main.ts");
  await using api = await startApi({ cwd: workspace.path, main });
  await consumer.add("passengers.ts");
  await consumer.link("@trpc/server");
  await consumer.link("@trpc/client");
  const started = performance.now();
  const given = [`${PIPELINE}titanic_pipeline.onnx`, "--data", `${PIPELINE}titanic_pipeline.csv`];
  const added = await addTo(workspace, ...given, "--contract-name", "titanic");
  expect(added.code, added.text).toBe(0);
  await eventually(
    async () => (await send(`${api.url}/models/titanic-pipeline`)).body.state === "ready",
    "the model is served",
  );
  const served = performance.now();

  const types = workspace.file("packages/contract-types/src/main.ts");
  const args = [types, api.url, "--output", "sepal.d.ts"];
  const written = await command(process.execPath, args, consumer.folder);
  expect(written).toEqual({ code: 0, output: "" });
  const fromFolder = await command(process.execPath, [types, workspace.file("models")], "/");
  expect(fromFolder.output).toBe(await readFile(`${consumer.folder}/sepal.d.ts`, "utf8"));
  const known = await readFile(new URL("consumer/sepal.d.ts", import.meta.url), "utf8");
  expect(fromFolder.output).toBe(known);
  const compiled = await consumer.compile({
    // Of tRPC's own declarations, which `inferRouterInputs` brings in.
    lib: ["es2024", "esnext.disposable", "dom"],
    types: [],
  });
  expect(compiled).toEqual({ code: 0, output: "" });

  const { code, output } = await command(
    process.execPath,
    ["passengers.ts", api.url],
    consumer.folder,
  );
  expect(code, output).toBe(0);
  const ended = performance.now();
  const { expect: expected } = JSON.parse(await readFile(`${PIPELINE}test.json`, "utf8"));
  const { known: label, proba, ...others } = JSON.parse(output);
  expect(["0", "1"]).toContain(label);
  for (const [k, value] of expected[0].entries()) {
    expect(Math.abs(proba[k] - value)).toBeLessThanOrEqual(1e-5);
  }
  expect(others).toEqual({
    flower: "setosa",
    statuses: [422, 422, 422, 404],
    chunks: [2],
    age: 2,
    rows: 1,
  });
  const seconds = (from: number, to: number) => `${((to - from) / 1000).toFixed(1)} s`;
  process.stdout.write(
    `exported pipeline to typed call: ${seconds(started, ended)}, of which served after ${seconds(started, served)}\n`,
  );
});
