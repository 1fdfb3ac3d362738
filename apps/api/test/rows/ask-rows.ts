import { Agent } from "node:http";
import { sendKept, sendPipelined, type Leaving, type RowReply } from "./row-connections.ts";
import { ROW_FACES, type RowFace, type RowRequest } from "./row-faces.ts";
import { rowMistake, type RowAnswers, type RowOracle } from "./row-oracle.ts";
import { DIFFERENT_ROWS, rowSource, seededRandom } from "./row-source.ts";

/** Models that are asked; a file knows the default one only. */
export const ROW_MODELS = ["iris-forest", "iris-logistic", "iris-mlp"] as const;

/** Share of the rows that each way of asking has, and its rows a request at most. */
const MIX: readonly (readonly [face: RowFace | "pipelined", share: number, most: number])[] = [
  ["rest", 0.01, 1],
  ["trpc", 0.01, 1],
  ["pipelined", 0.01, 32],
  ["calls", 0.02, 20],
  ["batch", 0.25, 4000],
  ["infer", 0.1, 1000],
  ["binary", 0.35, 10_000],
  ["file", 0.25, 8000],
];

/** Drawn by rows, so that singles are many requests and batches many rows. */
const WEIGHTS = MIX.map(([, share, most]) => share / ((most + 1) / 2));
const WEIGHT_SUM = WEIGHTS.reduce((sum, weight) => sum + weight, 0);

const LEAVES_OF_HUNDRED = 5;
const AGENTS = 4;

/** What became of the rows. */
export interface RowCounts {
  /** Rows that were answered and compared. */
  rows: number;
  requests: number;
  /** Requests whose client left before the reply was read. */
  left: number;
  readonly byFace: Record<string, number>;
}

interface Asked {
  readonly url: string;
  readonly oracle: RowOracle;
  readonly rows: number;
  readonly seed: number;
  readonly progress?: (counts: RowCounts) => void;
}

/** Asks for so many different rows in random ways, order and concurrency, and throws at the first that has not its own answer. */
export async function askRows({ url, oracle, rows, seed, progress }: Asked): Promise<RowCounts> {
  if (rows > DIFFERENT_ROWS * 0.8) throw new Error(`at most ${DIFFERENT_ROWS * 0.8} rows`);
  const random = seededRandom(seed);
  const upTo = (most: number) => 1 + Math.floor(random() * most);
  const take = rowSource(seed);
  const agents = Array.from({ length: AGENTS }, () => new Agent({ keepAlive: true }));
  const counts: RowCounts = { rows: 0, requests: 0, left: 0, byFace: {} };
  const check = (
    request: RowRequest,
    expected: RowAnswers,
    reply: RowReply | undefined,
    face: string,
  ) => {
    if (reply?.status !== 200) {
      throw new Error(`${face}: ${reply?.status} ${reply?.body.toString().slice(0, 200)}`);
    }
    const mistake = rowMistake(expected, request.read(reply));
    if (mistake !== null) throw new Error(`seed ${seed}, ${face}: ${mistake}`);
    counts.rows += expected.classes.length;
    counts.byFace[face] = (counts.byFace[face] ?? 0) + expected.classes.length;
  };
  const leaving = (): Leaving => {
    if (random() * 100 >= LEAVES_OF_HUNDRED) return null;
    return random() < 0.3 ? "at the reply" : random() * 10;
  };
  const one = async () => {
    let left = random() * WEIGHT_SUM;
    const [face, , most] = MIX[WEIGHTS.findIndex((weight) => (left -= weight) < 0)] ?? [
      "rest",
      0,
      1,
    ];
    const model = face === "file" ? ROW_MODELS[0] : (ROW_MODELS[upTo(3) - 1] ?? ROW_MODELS[0]);
    const asked = take(upTo(most));
    const expected = await oracle.answers(model, asked);
    if (face === "pipelined") {
      const requests = asked.map((row) =>
        ROW_FACES[random() < 0.5 ? "rest" : "trpc"](model, [row]),
      );
      counts.requests += requests.length;
      const replies = await sendPipelined(url, requests);
      for (const [at, request] of requests.entries()) {
        const own = {
          classes: [expected.classes[at] ?? -1],
          proba: [0, 1, 2].map((k) => expected.proba[at * 3 + k] ?? NaN),
        };
        check(request, own, replies[at], face);
      }
      return;
    }
    const request = ROW_FACES[face](model, asked);
    const agent = agents[upTo(AGENTS) - 1] ?? agents[0] ?? new Agent();
    const reply = await sendKept(url, request, agent, leaving());
    counts.requests += 1;
    if (reply === null) counts.left += 1;
    else check(request, expected, reply, face);
  };
  try {
    while (counts.rows < rows) {
      // So many at once for a while, then another number.
      const end = counts.requests + 2000;
      const more = () => counts.rows < rows && counts.requests < end;
      const client = async () => {
        while (more()) await one();
      };
      await Promise.all(Array.from({ length: upTo(48) }, client));
      progress?.(counts);
    }
  } finally {
    for (const agent of agents) agent.destroy();
  }
  return counts;
}
