import { once } from "node:events";
import { createServer } from "node:http";
import { expect, test } from "vitest";
import { readGoldenPredictions, readGoldenRows } from "./golden-rows.ts";
import { expectOwnPredictions, Traffic, TrafficClient } from "./mixed-traffic.ts";
import { seededRandom } from "./request-bodies.ts";
import { GRAPHS } from "./swap-repository.ts";
import type { Prediction } from "./wire-formats.ts";

const golden = readGoldenPredictions(GRAPHS);

async function trafficAgainst(status: number, text: string): Promise<Traffic> {
  const server = createServer((request, response) => {
    request.resume().once("end", () => response.writeHead(status).end(text));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  using client = new TrafficClient(`http://127.0.0.1:${port}`, 4);
  const traffic = new Traffic({ client, golden, random: seededRandom(1) }, 100);
  await traffic.sendEachKind();
  server.close();
  return traffic;
}

test.each([
  ["the same prediction for all rows", 200, JSON.stringify({ class: 2, proba: [0.5, 0.1, 0.4] })],
  ["failures", 500, "{}"],
  ["success for what is bad", 200, ""],
])("a server of %s is wrong for every kind", async (_name, status, text) => {
  const { counts } = await trafficAgainst(status, text);
  expect(counts.wrong).toBe(7);
  expect(Object.values(counts.right).every((right) => right === 0)).toBe(true);
});

/** The trainer's predictions of these rows of the data set. */
function trained(model: string, rows: readonly number[]): Prediction[] {
  const dataset = readGoldenRows(model).get("dataset") ?? [];
  return rows.flatMap((row) => dataset[row] ?? []);
}

test("rows swapped, a row too few and two models in one response are wrong", () => {
  const rows = [50, 70, 120];
  const check = (predictions: Prediction[]) => () =>
    expectOwnPredictions(golden, rows, predictions);
  const forest = trained("iris-forest", rows);
  const logistic = trained("iris-logistic", rows);
  expect(check(forest)).not.toThrow();
  expect(check(logistic)).not.toThrow();
  expect(check([...logistic.slice(0, 2).toReversed(), ...logistic.slice(2)])).toThrow("row 50");
  expect(check(forest.slice(1))).toThrow("2 predictions for 3 rows");
  expect(check([...forest.slice(0, 2), ...logistic.slice(2)])).toThrow("mixes two models");
});
