import { expect, test } from "vitest";
import { autocannonClient } from "../harness/load-generators.ts";
import type { Sample } from "../harness/measure.ts";
import { peerNamed, WORKLOADS } from "../harness/peers.ts";
import { benchReport } from "./bench-report.ts";
import { sample } from "./sample.ts";

const run = (peer: string, round: number, requestsPerSecond: number, serverCpuMicros: number) =>
  sample(peer, round, requestsPerSecond, { client: "autocannon", serverCpuMicros });

const options = {
  peers: ["floor", "sepal-trpc-batch", "axum-onnx"].map(peerNamed),
  workloads: WORKLOADS.slice(0, 1),
  client: null,
  repeats: 2,
  seconds: 1,
  warmUpSeconds: 1,
  firstPort: 18_300,
  publish: false,
};

function reportOf(samples: readonly Sample[], missing = new Map<string, string>()) {
  const pinning = { server: null, client: null, note: "not pinned" };
  return benchReport({ samples, missing }, options, [autocannonClient], pinning, "bench");
}

test("a row has requests a second and CPU a request, each with its share of the floor", () => {
  const report = reportOf([
    run("floor", 1, 1000, 10),
    run("floor", 2, 2000, 5),
    run("axum-onnx", 1, 500, 20),
    run("axum-onnx", 2, 1000, 20),
  ]);
  const [table] = report.tables;
  expect(table?.rows[1]).toMatchObject({
    server: "axum + ORT, micro-batched",
    requests: { median: 750, min: 500, max: 1000 },
    share: { median: 50, min: 50, max: 50 },
    p50: 1,
    p99: 12,
    cpu: 20,
    cpu_share: { median: 37.5, min: 25, max: 50 },
  });
  const labels = table?.columns.map(({ label }) => label);
  expect(labels).toEqual(expect.arrayContaining(["req/s % of floor", "CPU % of floor"]));
  expect(report.environment.versions).toHaveProperty(["axum + ORT, micro-batched", "ort"]);
});

test("a server that could not be built is missing with the reason", () => {
  const reason = "cannot be built: cargo is not installed";
  const report = reportOf([run("floor", 1, 1000, 10)], new Map([["axum-onnx", reason]]));
  expect(report.missing).toEqual([{ name: "axum-onnx", reason }]);
  expect(report.charts[0]).toMatchObject({ bars: [{}, {}, { note: "missing" }] });
  expect(report.environment.versions).not.toHaveProperty(["axum + ORT, micro-batched"]);
});
