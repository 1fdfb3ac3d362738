import * as z from "zod";
import { irisRows, jitteredRows, seededRandom } from "./iris-rows.ts";

/** A row that the three graphs answer with different probabilities. */
const TELLING = [6, 2.7, 5.1, 1.6];

/** Rows of a batch, enough for the lane of worker threads; singles take one after the other. */
const ROWS = [TELLING, ...jitteredRows(irisRows(), 1499, seededRandom(11))];

/** What one graph answers to each of the rows. */
type RowAnswers = readonly string[];

/** A request that takes longer hangs, in milliseconds. */
const HANG_MS = 10_000;

const prediction = z.object({ proba: z.array(z.number()) });
const single = prediction.extend({ model_version: z.string() });
const batch = z.object({ model_version: z.string(), predictions: z.array(prediction) });

/** What a prediction said. */
export interface SwapAnswer {
  readonly version: string;
  readonly proba: string;
}

async function ask(url: string, body: object): Promise<unknown> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(HANG_MS),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${text.slice(0, 200)}`);
  return JSON.parse(text);
}

/** Asks one model for one row, by default for the one that tells the graphs apart. */
export async function askSingle(origin: string, model: string, row = 0): Promise<SwapAnswer> {
  const body = { features: ROWS[row], model_name: model };
  const answer = single.parse(await ask(`${origin}/predict`, body));
  return { version: answer.model_version, proba: JSON.stringify(answer.proba) };
}

/** Asks one model for all rows at once. */
export async function askBatch(origin: string, model: string): Promise<RowAnswers> {
  const body = { rows: ROWS, model_name: model };
  const { predictions } = batch.parse(await ask(`${origin}/predict-batch`, body));
  return predictions.map(({ proba }) => JSON.stringify(proba));
}

/** What became of the requests. */
export interface SwapCounts {
  singles: number;
  batches: number;
  failed: number;
  /** Of them, without an answer within ten seconds. */
  hung: number;
  /** Answers of two versions in one, or of none that there is. */
  mixed: number;
  /** Times of single predictions, in milliseconds. */
  readonly times: number[];
  readonly reasons: Set<string>;
}

/** Clients in a closed loop that check every answer, until they are stopped; batches are sent one by one. */
export class SwapClients {
  readonly counts: SwapCounts = {
    singles: 0,
    batches: 0,
    failed: 0,
    hung: 0,
    mixed: 0,
    times: [],
    reasons: new Set(),
  };
  readonly #origin: string;
  readonly #model: string;
  readonly #known: readonly RowAnswers[];
  #row = 0;
  #running = false;
  #clients: Promise<unknown> = Promise.resolve();

  /** `known` are the answers that the graphs give. */
  constructor(origin: string, model: string, known: Iterable<RowAnswers>) {
    this.#origin = origin;
    this.#model = model;
    this.#known = [...known];
  }

  /** Starts clients that ask for single predictions. */
  start(clients: number): void {
    this.#running = true;
    this.#clients = Promise.all(Array.from({ length: clients }, () => this.#loop()));
  }

  /** Sends one batch, which is answered by one version, and by that of `expected` where it is given. */
  async batch(expected?: RowAnswers): Promise<void> {
    await this.#counted(async () => {
      const answers = await askBatch(this.#origin, this.#model);
      this.counts.batches += 1;
      const right = (expected === undefined ? this.#known : [expected]).some(
        (known) =>
          known.length === answers.length && known.every((proba, row) => proba === answers[row]),
      );
      if (!right) this.counts.mixed += 1;
    });
  }

  /** Lets the requests under way end, and sends no more. */
  async pause(): Promise<void> {
    this.#running = false;
    await this.#clients;
  }

  async #loop(): Promise<void> {
    while (this.#running) await this.#counted(() => this.#single());
  }

  async #counted(request: () => Promise<void>): Promise<void> {
    try {
      await request();
    } catch (error) {
      this.counts.failed += 1;
      if (error instanceof Error && error.name === "TimeoutError") this.counts.hung += 1;
      this.counts.reasons.add(error instanceof Error ? error.message : String(error));
    }
  }

  async #single(): Promise<void> {
    const row = this.#row++ % ROWS.length;
    const started = performance.now();
    const { proba } = await askSingle(this.#origin, this.#model, row);
    this.counts.times.push(performance.now() - started);
    this.counts.singles += 1;
    if (!this.#known.some((known) => known[row] === proba)) this.counts.mixed += 1;
  }
}
