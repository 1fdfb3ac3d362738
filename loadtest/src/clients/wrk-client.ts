import { fileURLToPath } from "node:url";
import { REQUEST_TIMEOUT_S, type Client, type LoadResult } from "./load.ts";
import { percentileOrNull } from "../statistics/statistics.ts";

const script = fileURLToPath(new URL("../../wrk/post.lua", import.meta.url));

interface WrkResult extends Omit<LoadResult, "requests"> {
  /** All answers, whatever their status. */
  readonly answers: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly p999: number;
}

/** wrk, written in C, on one thread. */
export const wrkClient: Client = {
  name: "wrk",
  command: ({ url, bodies, connections, seconds }) => [
    "wrk",
    "--threads=1",
    `--connections=${connections}`,
    `--duration=${seconds}s`,
    `--timeout=${REQUEST_TIMEOUT_S}s`,
    `--script=${script}`,
    url,
    "--",
    bodies,
  ],
  result(output) {
    const { answers, ...printed }: WrkResult = JSON.parse(output.trim().split("\n").at(-1) ?? "");
    return {
      ...printed,
      requests: answers - printed.errors.non2xx,
      p50: percentileOrNull(50, answers, printed.p50),
      p90: percentileOrNull(90, answers, printed.p90),
      p95: percentileOrNull(95, answers, printed.p95),
      p99: percentileOrNull(99, answers, printed.p99),
      p999: percentileOrNull(99.9, answers, printed.p999),
    };
  },
};
