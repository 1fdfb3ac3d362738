import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { expect, test } from "vitest";
import { freePort } from "../host/free-port.ts";
import { seededRandom } from "../clients/iris-rows.ts";
import { ROOT } from "../root.ts";
import { GRAPHS } from "../servers/swap-repository.ts";
import type { Answer } from "../servers/wire-formats.ts";
import { expectOwnAnswers } from "./good-requests.ts";
import { readGoldenAnswers } from "./golden-answers.ts";
import { SoakClient } from "./soak-client.ts";
import { runSoak } from "./soak.ts";
import { Traffic } from "./traffic.ts";

test("a soak of some seconds answers every kind of request rightly through swaps", async () => {
  const seconds = 6;
  const options = {
    duration: seconds,
    rate: 200,
    connections: 16,
    seed: 3,
    port: await freePort(),
  };
  const report = await runSoak(options, "test");
  const [wrong, , handles] = report.verdicts;
  expect(wrong).toMatchObject({ verdict: "aim met", measured: "0" });
  expect(handles?.verdict).toMatch(/met/);
  expect(report.samples.length).toBe(seconds);
  expect(report.samples.at(-1)).toMatchObject({ wrong: 0, externalBytes: expect.any(Number) });
  expect(Number(report.samples.at(-1)?.["externalBytes"])).toBeGreaterThan(0);
  expect(Number(report.samples.at(-1)?.["swaps"])).toBeGreaterThan(0);
  const kinds = report.tables[1]?.rows ?? [];
  expect(kinds).toHaveLength(7);
  for (const { kind, sent, right } of kinds) {
    expect(sent).toBeGreaterThan(0);
    expect({ kind, right }).toEqual({ kind, right: sent });
  }
}, 90_000);

const golden = readGoldenAnswers(GRAPHS);

async function trafficAgainst(status: number, text: string): Promise<Traffic> {
  const server = createServer((request, response) => {
    request.resume().once("end", () => response.writeHead(status).end(text));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  using client = new SoakClient(`http://127.0.0.1:${port}`, 4);
  const traffic = new Traffic({ client, golden, random: seededRandom(1) }, 100);
  await traffic.sendEachKind();
  server.close();
  return traffic;
}

test.each([
  ["another row's answer to all", 200, JSON.stringify({ class: 2, proba: [0.5, 0.1, 0.4] })],
  ["failures", 500, "{}"],
  ["success for what is bad", 200, ""],
])("a server of %s gives a wrong answer to every kind", async (_name, status, text) => {
  const { counts } = await trafficAgainst(status, text);
  expect(counts.wrong).toBe(7);
  expect(Object.values(counts.right).every((right) => right === 0)).toBe(true);
});

/** What the trainer says of the first rows. */
function trained(model: string, rows: readonly number[]): Answer[] {
  const { groups } = JSON.parse(readFileSync(`${ROOT}models/${model}/1/golden.json`, "utf8"));
  return rows.map((row) => ({ class: groups[0].class[row], proba: groups[0].proba[row] }));
}

test("rows swapped, a row too few and two models in one answer are wrong", () => {
  const rows = [50, 70, 120];
  const check = (answers: Answer[]) => () => expectOwnAnswers(golden, rows, answers);
  const forest = trained("iris-forest", rows);
  const logistic = trained("iris-logistic", rows);
  expect(check(forest)).not.toThrow();
  expect(check(logistic)).not.toThrow();
  expect(check([...logistic.slice(0, 2).toReversed(), ...logistic.slice(2)])).toThrow("row 50");
  expect(check(forest.slice(1))).toThrow("2 answers for 3 rows");
  expect(check([...forest.slice(0, 2), ...logistic.slice(2)])).toThrow("mixes two models");
});
