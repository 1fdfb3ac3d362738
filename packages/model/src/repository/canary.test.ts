import { iris } from "@sepal/schema/contracts/iris";
import { describe, expect, test } from "vitest";
import { LIMITS, MODELS, realVersion } from "../../test/real-models.ts";
import {
  openedAs,
  recording,
  scriptedSession,
  type ScriptedPrediction,
} from "../../test/scripted-session.ts";
import { probe, verifyGolden } from "./canary.ts";
import type { InferenceSession } from "../session/inference-session.ts";
import { openModel } from "../session/open-model.ts";
import type { GoldenRow } from "../manifest.ts";
import { modelSource } from "../model-source.ts";
import { ServedModel } from "../served-model.ts";

const RIGHT: ScriptedPrediction = { class: 1, proba: [0.25, 0.5, 0.25] };
const ROW: GoldenRow = { features: [1, 2, 3, 4], class: 1, values: RIGHT.proba };

async function served(session: InferenceSession, canary: GoldenRow = ROW) {
  const observer = recording();
  const source = modelSource(await realVersion("iris-forest"), canary);
  const parts = { source, opened: openedAs(session), observer, limits: LIMITS };
  return { model: new ServedModel({ contract: iris, lane: "batch", ...parts }), observer };
}

describe.each(MODELS)("%s", (name) => {
  test("gives its golden rows and its canary as the trainer did", async () => {
    const { golden, ...files } = await realVersion(name);
    const [canary = ROW] = golden;
    const observer = recording();
    const source = modelSource(files, canary);
    const opened = await openModel(files.engine.name, source.bytes);
    const parts = { source, opened, observer, limits: LIMITS };
    const model = new ServedModel({ contract: iris, lane: "batch", ...parts });
    await verifyGolden(model, golden);
    await probe(model);
    // The server's own checks are nobody's requests.
    expect([observer.executions, observer.queuedRows]).toEqual([[], 0]);
    await model.retire();
  });
});

describe("a model that predicts", () => {
  test.each<[string, ScriptedPrediction, string]>([
    ["another class", { ...RIGHT, class: 0 }, "class 0 where the trainer says 1"],
    [
      "a probability beyond the tolerance",
      { ...RIGHT, proba: [0.25, 0.5, 0.2501] },
      "probability of class 2 is 0.2501 where the trainer says 0.25",
    ],
    ["NaN", { ...RIGHT, proba: [0.25, NaN, 0.25] }, "the model returned no finite number"],
    ["a class that does not exist", { ...RIGHT, class: 3 }, "the model predicted class 3"],
  ])("%s fails both checks", async (_what, prediction, reason) => {
    const { model } = await served(scriptedSession(() => prediction));
    await expect(verifyGolden(model, [ROW])).rejects.toThrow(reason);
    await expect(probe(model)).rejects.toThrow(reason);
  });

  test("within the tolerance passes", async () => {
    const proba = [0.25, 0.5, 0.2500005];
    const { model } = await served(scriptedSession(() => ({ ...RIGHT, proba })));
    await verifyGolden(model, [ROW]);
    await probe(model);
  });

  test("one golden row of many wrong is named", async () => {
    const wrong = { ...RIGHT, class: 2 };
    const session = scriptedSession(([first = 0]) => (first === 40 ? wrong : RIGHT));
    const { model } = await served(session);
    const rows = Array.from({ length: 100 }, (_, first) => ({
      ...ROW,
      features: [first, 2, 3, 4],
    }));
    await expect(verifyGolden(model, rows)).rejects.toThrow("golden row 40 (40, 2, 3, 4): class 2");
  });

  test("rows in a batch right and single ones wrong is found too", async () => {
    const session = scriptedSession(() => RIGHT);
    const run: InferenceSession["run"] = async (features, width) => {
      const result = await session.run(features, width);
      const rows = features.length / width;
      // Only the batcher runs 64 at most.
      return rows > 64 ? result : { ...result, classes: new BigInt64Array(rows) };
    };
    const { model } = await served({ ...session, run });
    const rows = Array.from({ length: 100 }, () => ROW);
    await expect(verifyGolden(model, rows)).rejects.toThrow("class 0 where the trainer says 1");
  });
});
