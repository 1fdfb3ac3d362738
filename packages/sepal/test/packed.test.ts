import { existsSync } from "node:fs";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Project } from "./installed.ts";

// The tarball as npm would install it, in a folder that knows nothing of the repository.

const PIPELINE = fileURLToPath(
  new URL("../../../apps/api/test/fixtures/exported/titanic_pipeline/", import.meta.url),
);
const PASSENGER = { cabin_class: 2, sex: "male", age: 46.3, alone: false, fare: 24, port: "Q" };
const ADD = "models add pipeline.onnx --data passengers.csv --contract-name titanic".split(" ");

let project: Project;
beforeAll(async () => {
  project = await Project.unpacked();
  const file = (name: string) => join(project.folder, name);
  await cp(join(PIPELINE, "titanic_pipeline.onnx"), file("pipeline.onnx"));
  await cp(join(PIPELINE, "titanic_pipeline.csv"), file("passengers.csv"));
});
afterAll(() => project[Symbol.asyncDispose]());

async function ready(url: string): Promise<void> {
  await expect.poll(async () => (await fetch(`${url}/health/ready`)).status).toBe(200);
}

async function post(url: string, body: string, type = "application/json") {
  const response = await fetch(url, { method: "POST", headers: { "content-type": type }, body });
  return { status: response.status, text: await response.text() };
}

test("leaves no repository where nothing could be added", async () => {
  const { code, errors } = await project.sepal([
    "models",
    "add",
    "none.onnx",
    "--data",
    "none.csv",
  ]);
  expect(errors).toMatch(/^sepal models add: .*none\.onnx.*\nNothing was written\.\n$/s);
  expect(code).toBe(1);
  expect(existsSync(join(project.folder, "models"))).toBe(false);
});

test("adds a model, serves it and scores its table", async () => {
  const added = await project.sepal(ADD);
  expect(added.output).toContain("models/contracts/titanic.json");
  expect([added.code, added.errors]).toEqual([0, ""]);
  const list = await project.sepal(["models", "list", "--json"]);
  expect(JSON.parse(list.output)).toEqual([
    { name: "pipeline", contract: "titanic", default_version: "1", versions: ["1"], reason: null },
  ]);

  await using server = await project.serve({ WORKERS: "2", WARM_UP_REQUESTS: "0" });
  await ready(server.url);
  const predicted = await post(
    `${server.url}/titanic/predict`,
    JSON.stringify({ features: PASSENGER }),
  );
  expect(predicted.status).toBe(200);
  expect(JSON.parse(predicted.text)).toMatchObject({ label: "0", model_used: "pipeline" });
  const explained = await post(
    `${server.url}/titanic/explain`,
    JSON.stringify({ features: PASSENGER }),
  );
  expect(Object.keys(JSON.parse(explained.text).contributions)).toEqual(Object.keys(PASSENGER));
  for (const path of ["/docs", "/docs/swagger-ui-bundle.js", "/redoc", "/openapi.json"]) {
    expect((await fetch(`${server.url}${path}`)).status, path).toBe(200);
  }

  const types = await project.sepal(["types", server.url]);
  expect(types.output).toContain('"sex": "female" | "male"');
  const scored = await project.sepal(["score", "passengers.csv", "scored.csv"]);
  expect([scored.code, scored.errors]).toEqual([0, expect.stringContaining("0 of them bad")]);
  const table = await readFile(join(project.folder, "passengers.csv"), "utf8");
  const online = await post(`${server.url}/titanic/predict-file`, table, "text/csv");
  expect(await readFile(join(project.folder, "scored.csv"), "utf8")).toBe(online.text);
  expect(await server.end()).toBe(0);
});

test("leaves nothing behind where the launcher is killed", async () => {
  await using server = await project.serve({ WORKERS: "2", WARM_UP_REQUESTS: "0" });
  await ready(server.url);
  await server.kill();
  await expect
    .poll(() =>
      fetch(server.url).then(
        () => "serves",
        () => "gone",
      ),
    )
    .toBe("gone");
});

test("rejects a wrong call in one line that names the command", async () => {
  await writeFile(join(project.folder, "no-folder"), "");
  for (const [line, expected] of [
    ["serve no-folder", /^sepal serve: no-folder is no folder; /],
    ["serve --web-port 3000", /^sepal serve: --web-port: the playground is not in this package; /],
    ["serve --port many", /^sepal serve: option '--port <n>' .*; usage: sepal serve /],
    ["models remove nobody", /^sepal: there is no model nobody in models; there are: pipeline/],
    ["models add pipeline.onnx", /^sepal models add: required option '--data <file>' /],
  ] as const) {
    const { code, errors } = await project.sepal(line.split(" "));
    expect(errors).toMatch(expected);
    expect(code, line).toBeGreaterThan(0);
  }
});
