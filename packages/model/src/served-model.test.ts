import { modelRows } from "./batching/chunks.ts";
import { iris } from "@sepal/schema/contracts/iris";
import { expect, test } from "vitest";
import { LIMITS, realVersion } from "../test/real-models.ts";
import { openedAs, recording, scriptedSession } from "../test/scripted-session.ts";
import { createInferenceSession } from "./session/inference-session.ts";
import { modelSource } from "./model-source.ts";
import { ServedModel } from "./served-model.ts";

const ROW = [5.1, 3.5, 1.4, 0.2];

async function served() {
  const files = await realVersion("iris-forest");
  const [canary = { features: ROW, class: 0, values: [1, 0, 0] }] = files.golden;
  const scripted = scriptedSession(() => ({ class: 0, proba: [1, 0, 0] }));
  const events: string[] = [];
  const session = { ...scripted, release: async () => void events.push("released") };
  const model = new ServedModel({
    contract: iris,
    source: modelSource(files, canary),
    opened: openedAs(session),
    limits: LIMITS,
    observer: recording(),
    lane: "batch",
  });
  const note = (event: string) => () => void events.push(event);
  return { model, scripted, events, note };
}

test("a retired version with nothing to do is released at once", async () => {
  const { model, events } = await served();
  await model.retire();
  expect(events).toEqual(["released"]);
  await model.retire();
  expect(events).toEqual(["released"]);
});

test("a single row that runs or waits is predicted before the release", async () => {
  const { model, scripted, events, note } = await served();
  const held = scripted.hold();
  const first = model.predict(ROW).then(note("first"));
  const retired = model.retire();
  const second = model.predict(ROW).then(note("second"));
  await new Promise((resolve) => setImmediate(resolve));
  expect(events).toEqual([]);
  held.release();
  await Promise.all([first, second, retired]);
  expect(events.toSorted()).toEqual(["first", "released", "second"]);
});

test("rows that nobody waits for any more do not hold up the release", async () => {
  const { model, events } = await served();
  const gone = model.predict(ROW, { cancelled: () => true });
  const retired = model.retire();
  await expect(gone).rejects.toMatchObject({ code: "cancelled" });
  await retired;
  expect(events).toEqual(["released"]);
});

test("a batch in many executions ends before the release", async () => {
  const { model, events, note } = await served();
  const batch = model.predictRows([ROW, ROW, ROW, ROW], { batchSize: 1 }).then(note("batch"));
  await model.retire();
  await batch;
  expect(events.toSorted()).toEqual(["batch", "released"]);
});

test("a reader of chunks that stops early lets go", async () => {
  const { model, events } = await served();
  for await (const chunk of model.runBatch(modelRows([ROW, ROW, ROW], ROW.length), {
    batchSize: 1,
  })) {
    void model.retire();
    expect(chunk.rows).toBe(1);
    expect(events).toEqual([]);
    break;
  }
  await model.retire();
  expect(events).toEqual(["released"]);
});

test("a hold keeps it until it is disposed, once", async () => {
  const { model, events } = await served();
  const one = model.hold();
  const other = model.hold();
  const retired = model.retire();
  one[Symbol.dispose]();
  one[Symbol.dispose]();
  expect(events).toEqual([]);
  await expect(model.predict(ROW)).resolves.toMatchObject({ prediction: { class: 0 } });
  expect(events).toEqual([]);
  other[Symbol.dispose]();
  await retired;
  expect(events).toEqual(["released"]);
});

test("a real session that is released refuses to run instead of crashing", async () => {
  const { model: bytes } = await realVersion("iris-mlp");
  const session = await createInferenceSession(bytes);
  await session.release();
  await session.release();
  await expect(session.run(Float32Array.from(ROW), 4)).rejects.toMatchObject({
    code: "unavailable",
  });
});
