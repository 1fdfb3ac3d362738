import * as z from "zod";

/** A run of one server in one round of the bench, as its report has it; times in milliseconds. */
export const benchSample = z.object({
  peer: z.string(),
  workload: z.string(),
  round: z.int(),
  client: z.string(),
  requestsPerSecond: z.number().positive(),
  p50: z.number().positive(),
  p90: z.number().positive(),
  p95: z.number().positive(),
  p99: z.number().positive(),
  p999: z.number().positive().nullish(),
});

/** See {@link benchSample}. */
export type BenchSample = z.infer<typeof benchSample>;

/** Where a share of the responses lies, in milliseconds. */
interface LatencyBand {
  readonly from: number;
  readonly to: number;
  readonly share: number;
}

/** One round of a server: its rate, and where its responses lie. */
export interface RaceRound {
  readonly requestsPerSecond: number;
  readonly bands: readonly LatencyBand[];
}

/** How long a round is shown, in seconds. */
export const ROUND_SECONDS = 4;

/** Servers by their names in the bench, in the order they are offered. */
const TITLES: Readonly<Record<string, string>> = {
  "fastapi-sklearn": "FastAPI + scikit-learn",
  "fastapi-onnx": "FastAPI + onnxruntime",
  mlserver: "MLServer",
  litserve: "LitServe",
  bentoml: "BentoML",
  "fastify-onnx": "Fastify + onnxruntime",
  rust: "Rust: axum + ONNX Runtime",
};

/** What Sepal's REST routes are called in the bench. */
export const SEPAL = "sepal-rest";

/** The bands between the recorded percentiles; the faster half, of which none is recorded, from half of the median on. */
function bandsOf({ p50, p90, p95, p99, p999 }: BenchSample): LatencyBand[] {
  const last = p999 ?? p99;
  return [
    { from: p50 / 2, to: p50, share: 0.5 },
    { from: p50, to: p90, share: 0.4 },
    { from: p90, to: p95, share: 0.05 },
    { from: p95, to: p99, share: 0.04 },
    { from: p99, to: Math.max(last, p99), share: 0.009 },
  ].filter(({ from, to }) => to > from);
}

/** The rounds of a server that sent one row a request. */
export function roundsOf(samples: readonly BenchSample[], peer: string): RaceRound[] {
  return samples
    .filter((sample) => sample.peer === peer && sample.workload === "single")
    .toSorted((a, b) => a.round - b.round)
    .map((sample) => ({
      requestsPerSecond: sample.requestsPerSecond,
      bands: bandsOf(sample),
    }));
}

/** The servers that Sepal can be raced against, with their titles. */
export function opponents(samples: readonly BenchSample[]): { value: string; text: string }[] {
  return Object.entries(TITLES)
    .filter(([peer]) => roundsOf(samples, peer).length > 0)
    .map(([value, text]) => ({ value, text }));
}

/** Responses after so many seconds of the race. */
export function responsesAfter(rounds: readonly RaceRound[], seconds: number): number {
  return rounds.reduce((sum, { requestsPerSecond }, index) => {
    const own = Math.min(ROUND_SECONDS, Math.max(0, seconds - index * ROUND_SECONDS));
    return sum + requestsPerSecond * own;
  }, 0);
}
