import { cp } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { Project } from "./installed.ts";

const LABELS = fileURLToPath(
  new URL("../../../apps/api/test/fixtures/exported/titanic_pipeline/", import.meta.url),
);

test("from an empty folder to a prediction of one's own model in less than two minutes", async () => {
  const started = performance.now();
  const seconds = () => ((performance.now() - started) / 1000).toFixed(1);
  await using project = await Project.installed();
  const times = [`installed ${seconds()} s`];
  await cp(join(LABELS, "titanic_pipeline.onnx"), join(project.folder, "pipeline.onnx"));
  await cp(join(LABELS, "titanic_pipeline.csv"), join(project.folder, "passengers.csv"));
  const added = await project.sepal(
    "models add pipeline.onnx --data passengers.csv --contract-name titanic".split(" "),
  );
  expect([added.code, added.errors]).toEqual([0, ""]);
  times.push(`added ${seconds()} s`);
  await using server = await project.serve();
  await expect
    .poll(async () => (await fetch(`${server.url}/health/ready`)).status, { interval: 100 })
    .toBe(200);
  times.push(`ready ${seconds()} s`);
  const features = { cabin_class: 2, sex: "male", age: null, alone: false, fare: 24, port: "Q" };
  const response = await fetch(`${server.url}/titanic/predict`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ features }),
  });
  expect(response.status).toBe(200);
  // oxlint-disable-next-line eslint/no-console -- the figure that this is about
  console.info(`after the start: ${times.join(", ")}, predicted ${seconds()} s`);
  expect(await server.end()).toBe(0);
  expect(performance.now() - started).toBeLessThan(120_000);
});
