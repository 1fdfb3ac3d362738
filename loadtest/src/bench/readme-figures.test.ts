import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { formatNumber } from "../report/format.ts";
import { report } from "../report/report.ts";
import { ROOT } from "../settings.ts";

/** A file as it was committed: who has run an experiment since has other figures, and that is no defect. */
function committed(path: string): string {
  try {
    return execFileSync("git", ["show", `HEAD:${path}`], {
      cwd: ROOT,
      encoding: "utf8",
      maxBuffer: 64 * 2 ** 20,
      stdio: ["ignore", "pipe", "ignore"],
    });
  } catch {
    return readFileSync(ROOT + path, "utf8"); // an archive without its history
  }
}

const readme = committed("README.md");

function read(name: string) {
  return report.parse(JSON.parse(committed(`loadtest/reports/${name}.json`)));
}

const bench = read("bench");

/** Servers in the README's table, with their names in the report. */
const SERVERS = {
  "Sepal, REST": "Sepal REST",
  "Sepal, tRPC": "Sepal tRPC",
  "Fastify + ONNX Runtime": "Fastify + ORT, unbatched",
  "FastAPI + onnxruntime": "FastAPI + onnxruntime",
  "FastAPI + scikit-learn": "FastAPI + scikit-learn",
  "bare `node:http`": "bare node:http (canned answer)",
} as const;

test.each(Object.entries(SERVERS))(
  "the README gives the figures of the bench: %s",
  (name, peer) => {
    const row = bench.tables[0]?.rows.find(({ server }) => server === peer);
    const rate = Object(row?.["requests"]).median;
    const cells = [name, formatNumber(rate, 0), `${formatNumber(Number(row?.["cpu"]), 0)} µs`];
    const line = readme.split("\n").find((text) => text.startsWith(`| ${name} `));
    expect(line?.split("|").map((cell) => cell.trim())).toEqual(["", ...cells, ""]);
  },
);

test("the README gives shares and ratios of the bench", () => {
  const measured = bench.verdicts.map((verdict) => verdict.measured);
  const [rest = "", trpc = ""] = measured;
  const share = (text: string, face: string) => {
    const [median, min, max] = text.match(/[\d.]+/g) ?? [];
    return `${median} % over ${face} (${min} to ${max})`;
  };
  expect(readme).toContain(share(rest, "REST"));
  expect(readme).toContain(share(trpc, "tRPC"));
  expect(readme).toContain(`${measured.at(-1)?.split("x")[0]} times FastAPI + scikit-learn`);
});

test("the README gives the figures of the load tests", () => {
  const measured = (name: string) => read(name).verdicts.map((verdict) => verdict.measured);
  const [p99, rate] = measured("course");
  expect(readme).toContain(`[${rate} a second, p99 ${p99}]`);
  expect(readme).toContain(`[p99 ${measured("half-load")[0]?.split(" (")[0]}]`);
  const [one, two] = measured("large-batches").map((text) => parseInt(text.replace(",", ""), 10));
  expect(readme).toContain(`[${formatNumber(one ?? 0, 0)} k and ${formatNumber(two ?? 0, 0)} k]`);
  expect(readme).toContain(`[${measured("memory")[0]?.replace("+", "").split(" %")[0]} % more]`);
});
