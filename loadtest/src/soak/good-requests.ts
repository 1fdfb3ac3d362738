import * as z from "zod";
import type { Answer } from "../servers/wire-formats.ts";
import type { GoldenAnswers } from "./golden-answers.ts";
import type { SoakClient } from "./soak-client.ts";

/** Rows of each kind of request; a batch is large enough for the lane of worker threads. */
const ROWS = { calls: 8, batch: 1500, file: 4000, stream: 2500 } as const;

const prediction = z.object({ class: z.int(), proba: z.array(z.number()) });
const predictions = z.object({ predictions: z.array(prediction) });
const trpcResult = z.object({ result: z.object({ data: prediction }) });

const HEAD = "sepal_length,sepal_width,petal_length,petal_width";
const LABELS = ["setosa", "versicolor", "virginica"];

/** What a kind of request works with. */
export interface SoakTools {
  readonly client: SoakClient;
  readonly golden: GoldenAnswers;
  readonly random: () => number;
}

/** Some rows of the golden ones: the number of the first, and how many. */
function draw({ golden, random }: SoakTools, count: number) {
  const first = Math.floor(random() * golden.rows.length);
  const numbers = Array.from({ length: count }, (_, index) => (first + index) % golden.rows.length);
  return { numbers, rows: numbers.map((number) => golden.rows[number] ?? []) };
}

/** Throws unless each row has its own answer, all of one model. */
export function expectOwnAnswers(
  golden: GoldenAnswers,
  numbers: readonly number[],
  answers: readonly Answer[],
): void {
  if (answers.length !== numbers.length) {
    throw new Error(`${answers.length} answers for ${numbers.length} rows`);
  }
  let sources = -1;
  for (const [index, number] of numbers.entries()) {
    const answer = answers[index] ?? { class: -1, proba: [] };
    const own = golden.sources(number, answer);
    if (own === 0) throw new Error(`row ${number}: answered ${JSON.stringify(answer)}`);
    sources &= own;
  }
  if (sources === 0) throw new Error("one answer mixes two models");
}

function fileAnswers(text: string): Answer[] {
  const [head, ...lines] = text.trimEnd().split("\n");
  const wanted = `${HEAD},class,label,confidence,${LABELS.map((label) => `proba_${label}`).join(",")},error`;
  if (head?.trim() !== wanted) throw new Error(`/predict-file: the header is ${head}`);
  return lines.map((line) => {
    const cells = line.split(",");
    return { class: Number(cells[4]), proba: cells.slice(7, 10).map(Number) };
  });
}

function streamAnswers(text: string): Answer[] {
  const events = text.split("\n\n").map((block) => /^event: (\w+)\ndata: (.*)$/s.exec(block));
  const found = events.flatMap((event) =>
    event?.[1] === "progress" ? predictions.parse(JSON.parse(event[2] ?? "")).predictions : [],
  );
  if (!events.some((event) => event?.[1] === "done")) throw new Error("a stream without its end");
  return found;
}

/** The kinds of good traffic; each sends one request and throws when an answer is not its row's. */
export const GOOD_REQUESTS = {
  async single(tools: SoakTools) {
    const { numbers, rows } = draw(tools, 1);
    const text = await tools.client.ask("/predict", { features: rows[0] });
    expectOwnAnswers(tools.golden, numbers, [prediction.parse(JSON.parse(text))]);
  },
  async trpc(tools: SoakTools) {
    const { numbers, rows } = draw(tools, 1);
    const text = await tools.client.ask("/trpc/predict", { features: rows[0] });
    expectOwnAnswers(tools.golden, numbers, [trpcResult.parse(JSON.parse(text)).result.data]);
  },
  async calls(tools: SoakTools) {
    const { numbers, rows } = draw(tools, ROWS.calls);
    const path = `/trpc/${rows.map(() => "predict").join(",")}?batch=1`;
    const body = Object.fromEntries(rows.map((features, index) => [index, { features }]));
    const answers = z.array(trpcResult).parse(JSON.parse(await tools.client.ask(path, body)));
    // Calls of their own: a swap may come between two of them.
    for (const [index, { result }] of answers.entries()) {
      expectOwnAnswers(tools.golden, [numbers[index] ?? -1], [result.data]);
    }
  },
  async batch(tools: SoakTools) {
    const { numbers, rows } = draw(tools, ROWS.batch);
    const text = await tools.client.ask("/predict-batch", { rows });
    expectOwnAnswers(tools.golden, numbers, predictions.parse(JSON.parse(text)).predictions);
  },
  async file(tools: SoakTools) {
    const { numbers, rows } = draw(tools, ROWS.file);
    const body = [HEAD, ...rows.map((row) => row.join(","))].join("\n");
    const text = await tools.client.ask("/predict-file", body, { "content-type": "text/csv" });
    expectOwnAnswers(tools.golden, numbers, fileAnswers(text));
  },
  async stream(tools: SoakTools) {
    const { numbers, rows } = draw(tools, ROWS.stream);
    const headers = { "content-type": "application/json", accept: "text/event-stream" };
    const text = await tools.client.ask("/predict-batch", { rows, batch_size: 500 }, headers);
    expectOwnAnswers(tools.golden, numbers, streamAnswers(text));
  },
};
