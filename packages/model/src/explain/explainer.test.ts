import { isNumberRow } from "@sepal/schema/row-encoding";
import { readFile } from "node:fs/promises";
import { iris } from "@sepal/schema/contracts/iris";
import { describe, expect, test, vi } from "vitest";
import { MODELS, REPOSITORY, LIMITS, realVersion } from "../../test/real-models.ts";
import { plainContract, probaOf } from "../../../schema/test/plain-contract.ts";
import { recording, scriptedSession } from "../../test/scripted-session.ts";
import { readBackground } from "../repository/shap-background.ts";
import { predictionReader } from "@sepal/schema/prediction-reader";
import { chooseEngine } from "../repository/engine-gate.ts";
import type { InferenceSession } from "../session/inference-session.ts";
import { openModel } from "../session/open-model.ts";
import { modelSource } from "../model-source.ts";
import { ServedModel } from "../served-model.ts";
import { Explainer } from "./explainer.ts";

function explainerOf(session: InferenceSession, width: number, classes = 1) {
  const observer = recording();
  const lane = "batch" as const;
  const contract = plainContract(width, classes);
  const read = predictionReader(contract);
  const runner = { session, model: "m", version: "1", width, read, observer, lane };
  return { explainer: new Explainer(runner, contract, () => undefined), observer };
}

/** A product of two numbers that depends on nothing else. */
const product = () => scriptedSession(([a = 0, b = 0]) => ({ class: 0, proba: [(a * b) / 128] }));

async function servedModel(name: (typeof MODELS)[number]) {
  const files = await realVersion(name);
  const { golden } = files;
  const [canary] = golden;
  if (canary === undefined) throw new Error("no golden row");
  const engine = await chooseEngine(files, iris, "auto");
  const source = modelSource({ ...files, engine }, canary);
  const served = new ServedModel({
    contract: iris,
    source,
    opened: await openModel(source.engine.name, source.bytes),
    limits: LIMITS,
    observer: recording(),
    lane: "batch",
  });
  const { rows } = await readBackground(REPOSITORY, served);
  return { served, rows: rows.filter(isNumberRow), golden };
}

describe.each(MODELS)("%s", (name) => {
  test("is explained as the package shap does it", async () => {
    const path = new URL("../../test/fixtures/shap.json", import.meta.url);
    const fixture = JSON.parse(await readFile(path, "utf8"));
    const { base, contributions } = fixture.models[name];
    const { served, rows } = await servedModel(name);
    for (const [index, row] of fixture.rows.entries()) {
      const explanation = await served.explain(row, rows);
      const pairs = [
        [explanation.base, base],
        [explanation.contributions.flat(), contributions[index].flat()],
      ];
      for (const [found, expected] of pairs) {
        expect(found).toHaveLength(expected.length);
        const off = expected.map((value: number, at: number) => Math.abs(value - found[at]));
        expect(Math.max(...off)).toBeLessThan(1e-6);
      }
    }
    await served.retire();
  });

  test("adds up to its prediction on golden rows of every group", async () => {
    const { served, rows, golden } = await servedModel(name);
    const sample = golden.filter((_, index) => index % 40 === 0);
    expect(sample.length).toBeGreaterThan(50);
    for (const { features } of sample) {
      const numbers = features.map(Number);
      const { outputs, base, contributions } = await served.explain(numbers, rows);
      const sums = base.map((value, index) =>
        contributions.reduce((sum, added) => sum + (added[index] ?? NaN), value),
      );
      const off = sums.map((sum, index) => Math.abs(sum - (outputs[index] ?? NaN)));
      expect(Math.max(...off)).toBeLessThan(1e-6);
      expect(outputs).toEqual(probaOf((await served.predict(features)).prediction));
    }
    await served.retire();
  });
});

describe("Explainer", () => {
  const background = Array.from({ length: 300 }, (_, index) => [index % 10, 5]);

  test("splits a product of independent numbers as the formula says", async () => {
    const { explainer, observer } = explainerOf(product(), 2);
    const explanation = await explainer.explain([10, 9], background, {});
    expect(explanation.base).toEqual([0.17578125]);
    // Half of (10 - 4.5) * 5 and of (10 - 4.5) * 9; the other feature accordingly.
    expect(explanation.contributions).toEqual([[0.30078125], [0.2265625]]);
    expect(explanation.outputs).toEqual([0.703125]);
    expect(observer.executions).toEqual(["explain 512", "explain 389"]);
  });

  test("takes as many background rows as 200,000 coalition rows hold, evenly", async () => {
    const session = scriptedSession(([a = 0]) => ({ class: 0, proba: [a / 1024] }));
    const { explainer } = explainerOf(session, 10);
    const many = Array.from({ length: 442 }, (_, row) => Array<number>(10).fill(row));
    const { base } = await explainer.explain(Array<number>(10).fill(512), many, {});
    expect(session.runs.reduce((sum, rows) => sum + rows)).toBe(1 + 1023 * 195);
    expect(base[0]).toBeCloseTo(220.5 / 1024, 2);
  });

  test("stops between executions when the client is gone", async () => {
    const session = product();
    const cancelled = () => session.runs.length === 1;
    const running = explainerOf(session, 2).explainer.explain([1, 1], background, { cancelled });
    await expect(running).rejects.toMatchObject({ code: "cancelled" });
    expect(session.runs).toEqual([512]);
  });

  test("runs nothing once the deadline has passed", async () => {
    const session = product();
    const deadline = performance.now();
    const running = explainerOf(session, 2).explainer.explain([1, 1], background, { deadline });
    await expect(running).rejects.toMatchObject({ code: "deadline_exceeded" });
    expect(session.runs).toEqual([]);
  });

  test("runs one after the other, and goes on after one that failed", async () => {
    const session = scriptedSession(([a = 0]) => ({ class: 0, proba: [a === 7 ? NaN : 0.5] }));
    const { explainer } = explainerOf(session, 1);
    const hold = session.hold();
    const failing = explainer.explain([7], [[1]], {});
    const next = explainer.explain([1], [[1]], {});
    await vi.waitFor(() => expect(session.runs).toEqual([2]));
    hold.release();
    await expect(failing).rejects.toMatchObject({ code: "internal" });
    const { startedAt: _, queueMs, computeMs, ...explanation } = await next;
    expect(explanation).toEqual({
      method: "exact",
      outputs: [0.5],
      base: [0.5],
      contributions: [[0]],
    });
    expect(queueMs).toBeGreaterThan(0);
    expect(computeMs).toBeGreaterThanOrEqual(0);
  });

  test("refuses more than may wait, and takes more once there is room", async () => {
    const session = product();
    const { explainer, observer } = explainerOf(session, 2);
    const hold = session.hold();
    const many = Array.from({ length: 50_000 }, () => [1, 1]);
    const accepted = Array.from({ length: 5 }, () => explainer.explain([1, 1], many, {}));
    const refused = explainer.explain([1, 1], [[1, 1]], {});
    await expect(refused).rejects.toMatchObject({ code: "unavailable", reason: "queue_full" });
    expect(observer.rejections).toEqual(["queue_full"]);
    hold.release();
    await Promise.all(accepted);
    expect((await explainer.explain([1, 1], [[1, 1]], {})).outputs).toEqual([0.0078125]);
  });
});
