import { once } from "node:events";
import { Agent, request, type IncomingMessage } from "node:http";
import * as z from "zod";
import type { GoldenPredictions } from "./golden-rows.ts";
import { arrivalGap } from "./statistics.ts";
import type { Prediction } from "./wire-formats.ts";

/** A request that takes longer hangs, in milliseconds. */
const HANG_MS = 30_000;

const JSON_TYPE = { "content-type": "application/json" };

/** A response, read whole. */
interface TextResponse {
  readonly status: number;
  readonly text: string;
}

/** Connections of the traffic, kept alive and bounded in number. */
export class TrafficClient implements Disposable {
  readonly #origin: string;
  readonly #agent: Agent;

  constructor(origin: string, connections: number) {
    this.#origin = origin;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  /** Posts a body as it is and reads the response whole; fails where it does not end in time. */
  async post(
    path: string,
    body: string,
    headers: Readonly<Record<string, string>> = JSON_TYPE,
  ): Promise<TextResponse> {
    const sent = request(this.#origin + path, {
      method: "POST",
      agent: this.#agent,
      headers: { ...headers, "content-length": Buffer.byteLength(body) },
      signal: AbortSignal.timeout(HANG_MS),
    });
    const responded = once(sent, "response");
    sent.end(body);
    const [response]: IncomingMessage[] = await responded;
    if (response === undefined) throw new Error("no response");
    let text = "";
    for await (const part of response.setEncoding("utf8")) text += part;
    return { status: response.statusCode ?? 0, text };
  }

  /** Posts JSON and returns the text of a 200; fails with any other response. */
  async postJson(path: string, body: unknown, headers = JSON_TYPE): Promise<string> {
    const sent = typeof body === "string" ? body : JSON.stringify(body);
    const { status, text } = await this.post(path, sent, headers);
    if (status !== 200) throw new Error(`${path}: ${status} ${text.slice(0, 200)}`);
    return text;
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}

/** Rows of each kind of request; a batch is large enough for the worker threads. */
const ROWS = { calls: 8, batch: 1500, file: 4000, stream: 2500 } as const;

const prediction = z.object({ class: z.int(), proba: z.array(z.number()) });
const predictions = z.object({ predictions: z.array(prediction) });
const trpcResult = z.object({ result: z.object({ data: prediction }) });

const HEAD = "sepal_length,sepal_width,petal_length,petal_width";
const LABELS = ["setosa", "versicolor", "virginica"];

/** What the traffic is made from. */
interface TrafficTools {
  readonly client: TrafficClient;
  readonly golden: GoldenPredictions;
  readonly random: () => number;
}

/** Some rows of the golden ones: the number of the first, and how many. */
function draw({ golden, random }: TrafficTools, count: number) {
  const first = Math.floor(random() * golden.rows.length);
  const numbers = Array.from({ length: count }, (_, index) => (first + index) % golden.rows.length);
  return { numbers, rows: numbers.map((number) => golden.rows[number] ?? []) };
}

/** Throws unless each row has its own prediction, all of one model. */
export function expectOwnPredictions(
  golden: GoldenPredictions,
  numbers: readonly number[],
  given: readonly Prediction[],
): void {
  if (given.length !== numbers.length) {
    throw new Error(`${given.length} predictions for ${numbers.length} rows`);
  }
  let sources = -1;
  for (const [index, number] of numbers.entries()) {
    const made = given[index] ?? { class: -1, proba: [] };
    const own = golden.sources(number, made);
    if (own === 0) throw new Error(`row ${number}: predicted ${JSON.stringify(made)}`);
    sources &= own;
  }
  if (sources === 0) throw new Error("one response mixes two models");
}

function filePredictions(text: string): Prediction[] {
  const [head, ...lines] = text.trimEnd().split("\n");
  const wanted = `${HEAD},class,label,confidence,${LABELS.map((label) => `proba_${label}`).join(",")},error`;
  if (head?.trim() !== wanted) throw new Error(`/predict-file: the header is ${head}`);
  return lines.map((line) => {
    const cells = line.split(",");
    return { class: Number(cells[4]), proba: cells.slice(7, 10).map(Number) };
  });
}

function streamPredictions(text: string): Prediction[] {
  const events = text.split("\n\n").map((block) => /^event: (\w+)\ndata: (.*)$/s.exec(block));
  const found = events.flatMap((event) =>
    event?.[1] === "progress" ? predictions.parse(JSON.parse(event[2] ?? "")).predictions : [],
  );
  if (!events.some((event) => event?.[1] === "done")) throw new Error("a stream without its end");
  return found;
}

/** The kinds of good traffic; each sends one request and throws when a prediction is not its row's. */
const GOOD_REQUESTS = {
  async single(tools: TrafficTools) {
    const { numbers, rows } = draw(tools, 1);
    const text = await tools.client.postJson("/predict", { features: rows[0] });
    expectOwnPredictions(tools.golden, numbers, [prediction.parse(JSON.parse(text))]);
  },
  async trpc(tools: TrafficTools) {
    const { numbers, rows } = draw(tools, 1);
    const text = await tools.client.postJson("/trpc/predict", { features: rows[0] });
    expectOwnPredictions(tools.golden, numbers, [trpcResult.parse(JSON.parse(text)).result.data]);
  },
  async calls(tools: TrafficTools) {
    const { numbers, rows } = draw(tools, ROWS.calls);
    const path = `/trpc/${rows.map(() => "predict").join(",")}?batch=1`;
    const body = Object.fromEntries(rows.map((features, index) => [index, { features }]));
    const results = z.array(trpcResult).parse(JSON.parse(await tools.client.postJson(path, body)));
    // Calls of their own: a swap may come between two of them.
    for (const [index, { result }] of results.entries()) {
      expectOwnPredictions(tools.golden, [numbers[index] ?? -1], [result.data]);
    }
  },
  async batch(tools: TrafficTools) {
    const { numbers, rows } = draw(tools, ROWS.batch);
    const text = await tools.client.postJson("/predict-batch", { rows });
    expectOwnPredictions(tools.golden, numbers, predictions.parse(JSON.parse(text)).predictions);
  },
  async file(tools: TrafficTools) {
    const { numbers, rows } = draw(tools, ROWS.file);
    const body = [HEAD, ...rows.map((row) => row.join(","))].join("\n");
    const text = await tools.client.postJson("/predict-file", body, { "content-type": "text/csv" });
    expectOwnPredictions(tools.golden, numbers, filePredictions(text));
  },
  async stream(tools: TrafficTools) {
    const { numbers, rows } = draw(tools, ROWS.stream);
    const headers = { "content-type": "application/json", accept: "text/event-stream" };
    const text = await tools.client.postJson("/predict-batch", { rows, batch_size: 500 }, headers);
    expectOwnPredictions(tools.golden, numbers, streamPredictions(text));
  },
};

const GOOD = "[5.1,3.5,1.4,0.2]";

interface BadRequest {
  readonly path: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly status: number;
  /** A part of the response: the rule that was broken. */
  readonly says: string;
}

/** Requests that must be rejected, with the status and the rule. */
const BAD_REQUESTS: readonly BadRequest[] = [
  { path: "/predict", body: '{"features":[5.1,3.5,1.4]}', status: 422, says: "too_short" },
  { path: "/predict", body: '{"features":[5.1,"x",1.4,0.2]}', status: 422, says: "float_type" },
  { path: "/predict", body: '{"features":[5.1,-1,1.4,0.2]}', status: 422, says: "greater_than" },
  { path: "/trpc/predict", body: "{}", status: 422, says: "missing" },
  { path: "/predict", body: '{"features":', status: 400, says: "not JSON" },
  { path: "/predict", body: "", status: 400, says: "empty" },
  {
    path: "/predict",
    body: `{"features":${GOOD},"model_name":"rose"}`,
    status: 404,
    says: "no model",
  },
  { path: "/predict", body: `{"features":${GOOD}}`.padEnd(70_000), status: 413, says: "65536" },
  {
    path: "/predict",
    body: "a,b",
    headers: { "content-type": "text/plain" },
    status: 415,
    says: "content type",
  },
  { path: "/predict-batch", body: '{"rows":[]}', status: 422, says: "too_short" },
  {
    path: "/predict-batch",
    body: `{"rows":[${GOOD},[1,2,null,4]]}`,
    status: 422,
    says: "float_type",
  },
  {
    path: "/predict-file?strict=true",
    body: "sepal_length,sepal_width,petal_length,petal_width\n5.1,3.5,x,0.2\n",
    headers: { "content-type": "text/csv" },
    status: 422,
    says: "float_",
  },
  {
    path: "/predict",
    body: `{"features":${GOOD}}`,
    headers: { ...JSON_TYPE, "x-request-timeout-ms": "0" },
    status: 504,
    says: "deadline",
  },
];

/** Sends a bad request, drawn at random, and throws unless it is rejected for its own fault. */
async function sendBad(client: TrafficClient, random: () => number): Promise<void> {
  const bad = BAD_REQUESTS[Math.floor(random() * BAD_REQUESTS.length)];
  if (bad === undefined) return;
  const { path, body, headers = JSON_TYPE, status, says } = bad;
  const response = await client.post(path, body, headers);
  if (response.status !== status || !response.text.includes(says)) {
    const got = `${response.status} ${response.text.slice(0, 200)}`;
    throw new Error(`${path} ${body.slice(0, 60)}: ${got}, not ${status} ${says}`);
  }
}

/** Kinds of requests. */
type Kind = keyof typeof GOOD_REQUESTS | "bad";

/** Of a thousand requests, how many are of each kind. */
const MIX: Readonly<Record<Kind, number>> = {
  single: 600,
  trpc: 290,
  bad: 70,
  calls: 20,
  batch: 12,
  stream: 4,
  file: 4,
};

const KINDS = Object.keys(MIX) as Kind[];
const MIX_SUM = KINDS.reduce((sum, kind) => sum + MIX[kind], 0);

/** Requests by kind and outcome; times are those of right single predictions, in milliseconds. */
export interface TrafficCounts {
  readonly sent: Record<Kind, number>;
  readonly right: Record<Kind, number>;
  wrong: number;
  /** The first reasons. */
  readonly reasons: string[];
  readonly singleTimes: number[];
}

const KEPT_REASONS = 5;

function none(): Record<Kind, number> {
  return { single: 0, trpc: 0, calls: 0, batch: 0, file: 0, stream: 0, bad: 0 };
}

/** Mixed requests that arrive as a Poisson process and do not wait for responses. */
export class Traffic {
  readonly counts: TrafficCounts = {
    sent: none(),
    right: none(),
    wrong: 0,
    reasons: [],
    singleTimes: [],
  };
  readonly #tools: TrafficTools;
  readonly #rate: number;
  readonly #inFlight = new Set<Promise<void>>();
  #due = 0;
  #timer: NodeJS.Timeout | undefined;

  /** `rate` counts requests of all kinds a second. */
  constructor(tools: TrafficTools, rate: number) {
    this.#tools = tools;
    this.#rate = rate;
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** Sends one request of each kind and waits for them. */
  async sendEachKind(): Promise<void> {
    await Promise.all(KINDS.map((kind) => this.#send(kind, performance.now())));
  }

  start(): void {
    this.#due = performance.now();
    this.#timer = setInterval(() => this.#sendDue(), 1);
  }

  /** Sends no more, and waits for the requests in flight. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#inFlight);
  }

  /** Counts a failure outside of the traffic, such as that of a swap. */
  countWrong(reason: string): void {
    this.counts.wrong += 1;
    if (this.counts.reasons.length < KEPT_REASONS) this.counts.reasons.push(reason);
  }

  #sendDue(): void {
    const { random } = this.#tools;
    for (const now = performance.now(); this.#due <= now;) {
      const sending = this.#send(this.#draw(), this.#due);
      this.#inFlight.add(sending);
      void sending.finally(() => this.#inFlight.delete(sending));
      this.#due += arrivalGap("poisson", this.#rate, random);
    }
  }

  #draw(): Kind {
    let left = this.#tools.random() * MIX_SUM;
    return KINDS.find((kind) => (left -= MIX[kind]) < 0) ?? "single";
  }

  async #send(kind: Kind, due: number): Promise<void> {
    const { client, random } = this.#tools;
    this.counts.sent[kind] += 1;
    try {
      await (kind === "bad" ? sendBad(client, random) : GOOD_REQUESTS[kind](this.#tools));
      this.counts.right[kind] += 1;
      if (kind === "single") this.counts.singleTimes.push(performance.now() - due);
    } catch (error) {
      this.countWrong(`${kind}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
