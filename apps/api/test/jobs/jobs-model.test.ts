import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { startApi } from "../support/api-process.ts";
import { endedJob, irisCsv, jobWhen, startJob } from "../support/job-helpers.ts";
import { openJobPlace, skipWithoutStore } from "../support/job-place.ts";
import { send } from "../support/json-request.ts";
import { writeVersionLike } from "../support/living-registry.ts";
import { copyOfModels, type TestRepository } from "../support/model-repository.ts";

skipWithoutStore();

/** So many that the server is still at work when it is asked to end. */
const ROWS = 300_000;

async function checksum(repository: TestRepository): Promise<string> {
  const text = await readFile(repository.file("iris-forest", "1", "manifest.json"), "utf8");
  return JSON.parse(text).files["model.onnx"].sha256;
}

/** Begins a job, ends the server in its middle, changes something and lets the next server go on. */
async function interrupted(change: (repository: TestRepository) => Promise<void>) {
  await using repository = await copyOfModels();
  await using place = await openJobPlace();
  const variables = { ...place.variables, MODELS_DIR: repository.path };
  await using first = await startApi({ variables });
  const id = await startJob(first.url, irisCsv(ROWS));
  const waiting = await startJob(first.url, irisCsv(3));
  await jobWhen(first.url, id, ({ rows_done }) => rows_done > 0, "it is at work");
  first.child.kill("SIGTERM");
  expect(await first.ended()).toBe(0);
  const was = await checksum(repository);
  await change(repository);
  await using second = await startApi({ variables });
  const job = await endedJob(second.url, id);
  const result = await send(`${second.url}/jobs/${id}/result`);
  const next = await endedJob(second.url, waiting);
  return { job, result, next, was, now: await checksum(repository) };
}

test("a job whose model was changed under the same version fails and says which it was", async () => {
  const { job, result, next, was, now } = await interrupted((repository) =>
    writeVersionLike(repository, { model: "iris-forest", version: "1", like: "iris-mlp" }),
  );
  expect(now).not.toBe(was);
  expect(job.status).toBe("failed");
  expect(job.rows_done).toBeGreaterThan(0);
  expect(job.error).toBe(
    `version 1 of model "iris-forest" has changed: the job began with ${was}, and now it is ${now}; send the file again`,
  );
  expect(result.status).toBe(409);
  expect(result.body.detail).toContain(was);
  // One that had not begun has one model anyway.
  expect(next).toMatchObject({ status: "succeeded", rows_done: 3 });
});

test("a job whose model was written again as it was goes on", async () => {
  const { job, next, was, now } = await interrupted((repository) =>
    writeVersionLike(repository, { model: "iris-forest", version: "1", like: "iris-forest" }),
  );
  expect(now).toBe(was);
  expect(job).toMatchObject({ status: "succeeded", rows_done: ROWS });
  expect(next.status).toBe("succeeded");
});
