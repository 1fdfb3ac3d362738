import { iris } from "@sepal/schema/contracts/iris";
import { expect, test } from "vitest";
import { BatchSession } from "./batch-session.ts";

const HEAD = "sepal_length,sepal_width,petal_length,petal_width\n";
const CALLER = { url: "http://127.0.0.1:9/trpc", headers: () => ({}) };
const CHOSEN = { model: "iris-forest", v: null };

const fileOf = (rows: number) => new Blob([HEAD + "5.1,3.5,1.4,0.2\n".repeat(rows)]);

/** A table of a tab, and a run that has predicted every row of it. */
async function keptBatch() {
  const session = new BatchSession(() => {}, CALLER);
  await session.useContract(iris, CHOSEN);
  await session.load("kept.csv", fileOf(20_000));
  const { table, keptTable, keptRun } = session;
  if (table === undefined || keptTable === undefined || keptRun === undefined) {
    throw new Error("nothing is kept");
  }
  for (let row = 0; row < 20_000; row += 1) {
    table.answers.record(row, { class: 0, values: [1, 0, 0] });
  }
  const run = {
    phase: "done",
    target: { model: "iris-forest", version: "1" },
    rowsPerSecond: 0,
    secondsLeft: null,
    elapsed: 1,
    failure: null,
    retryAt: null,
  } as const;
  return { table: keptTable, run: { ...keptRun, run, answers: table.answers.snapshot() } };
}

test("a kept table comes back with its predictions", async () => {
  const kept = await keptBatch();
  const session = new BatchSession(() => {}, CALLER);
  await session.restore(kept.table, kept.run);
  expect(session.state).toMatchObject({ name: "kept.csv", answered: 20_000 });
  expect(session.keptTable?.id).toBe(kept.table.id);
});

test("a table that is loaded while a kept one is read gets none of its predictions", async () => {
  const kept = await keptBatch();
  const session = new BatchSession(() => {}, CALLER);
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  /** A file on a slow disk. */
  const source = Object.assign(fileOf(20_000), {
    stream: () =>
      kept.table.source.stream().pipeThrough(
        new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
          async transform(part, controller) {
            await released;
            controller.enqueue(part);
          },
        }),
      ),
  });
  const restored = session.restore({ ...kept.table, source }, kept.run);
  await session.load("new.csv", fileOf(5));
  release();
  await restored;
  expect(session.state).toMatchObject({ name: "new.csv", rows: 5, answered: 0, run: null });
});

test("each reading of a file is a table of its own", async () => {
  const { table } = await keptBatch();
  const session = new BatchSession(() => {}, CALLER);
  await session.restore(table, undefined);
  await session.setHeader(false);
  expect(session.keptTable?.readAs).toMatchObject({ hasHeader: false });
  expect(session.keptTable?.id).not.toBe(table.id);
});
