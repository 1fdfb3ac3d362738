import { readFile } from "node:fs/promises";
import { iris } from "@sepal/schema/contracts/iris";
import { test } from "vitest";
import { DynamicBatcher } from "./dynamic-batcher.ts";
import { UNOBSERVED } from "../session/inference-observer.ts";
import { predictionReader } from "@sepal/schema/prediction-reader";
import { createInferenceSession } from "../session/inference-session.ts";

const model = await readFile(new URL("../../../models/iris-forest/1/model.onnx", import.meta.url));
const session = await createInferenceSession(model);
const row = [5.1, 3.5, 1.4, 0.2];

function batcher(maxBatchSize: number): DynamicBatcher {
  return new DynamicBatcher({
    session,
    model: "iris-forest",
    version: "1",
    width: 4,
    read: predictionReader(iris),
    maxBatchSize,
    maxDelayMs: 0,
    maxQueueRows: 4096,
    observer: UNOBSERVED,
  });
}

/** 100 predictions that arrive in one turn of the event loop. */
async function hundred(batching: DynamicBatcher): Promise<void> {
  await Promise.all(Array.from({ length: 100 }, () => batching.submit(row, {})));
}

test("100 predictions at once", async ({ bench }) => {
  const [one, sixteen, sixtyFour, all] = [batcher(1), batcher(16), batcher(64), batcher(128)];
  await bench.compare(
    bench("in executions of 1", () => hundred(one)),
    bench("in executions of 16", () => hundred(sixteen)),
    bench("in executions of 64", () => hundred(sixtyFour)),
    bench("in executions of 100", () => hundred(all)),
  );
});

test("one prediction alone", async ({ bench }) => {
  const batching = batcher(64);
  await bench.compare(
    bench("through the batcher", async () => {
      await batching.submit(row, {});
    }),
    bench("straight from the session", async () => {
      await session.run(Float32Array.from(row), 4);
    }),
  );
});
