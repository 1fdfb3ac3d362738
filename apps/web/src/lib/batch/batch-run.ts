import { createTRPCClient, httpLink } from "@trpc/client";
import type { AppRouter } from "@sepal/api/router";
import type { Contract } from "@sepal/schema/define-contract";
import { toFailure, type Failure } from "@sepal/client/failure";
import { isUnanswered } from "../failure.ts";
import type { BatchTable } from "./batch-table.ts";
import { pause } from "./pause.ts";
import type { Row } from "../row.ts";
import type { RowAnswer, RunState, RunTarget } from "./protocol.ts";
import { contractClient, type Prediction } from "../contract-client.ts";

const WINDOW_MS = 3000;

/** Rows a second over the last seconds. */
class Throughput {
  #marks: { readonly at: number; readonly rows: number }[] = [];

  /** Notes that `rows` are done at `at`, in milliseconds. */
  mark(at: number, rows: number): void {
    this.#marks.push({ at, rows });
    while ((this.#marks[1]?.at ?? at) < at - WINDOW_MS) this.#marks.shift();
  }

  /** 0 until two marks are apart in time. */
  get rowsPerSecond(): number {
    const [first, last] = [this.#marks[0], this.#marks.at(-1)];
    if (first === undefined || last === undefined || last.at <= first.at) return 0;
    return ((last.rows - first.rows) / (last.at - first.at)) * 1000;
  }
}

/** Without a response for this long, a chunk is sent again. */
const TIMEOUT_MS = 30_000;

/** The tRPC endpoint, and the headers that carry the key of the page. */
export interface Caller {
  readonly url: string;
  readonly headers: () => Record<string, string>;
}

/** A prediction as the numbers of a result. */
function rowAnswer(contract: Contract, prediction: Prediction): RowAnswer {
  if ("class" in prediction) return { class: prediction.class, values: prediction.proba ?? [] };
  if ("embedding" in prediction) return { class: null, values: prediction.embedding };
  const targets = contract.task === "regression" ? contract.targets : [];
  const values = targets.map(({ name }) => prediction.values[name] ?? Number.NaN);
  return { class: null, values };
}

/** Makes the call that predicts rows of a contract. */
export function createPredictRows(contract: Contract, caller: Caller) {
  // The page's own client keeps the key in the page's memory, which a worker does not share.
  const client = createTRPCClient<AppRouter>({ links: [httpLink(caller)] });
  const { predictBatch } = contractClient(client, contract);
  return async (
    rows: readonly Row[],
    { model, version }: RunTarget,
    signal: AbortSignal,
  ): Promise<readonly Prediction[]> => {
    const { predictions } = await predictBatch.mutate(
      { rows, model_name: model, model_version: version },
      { signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]) },
    );
    if (predictions.length !== rows.length)
      throw new Error("the response has another number of rows");
    return predictions;
  };
}

/** Rows `from` to before `to` of what is to be sent. */
export interface Chunk {
  readonly from: number;
  readonly to: number;
}

/** Why nothing is sent for a while. */
interface Waiting {
  readonly failure: Failure;
  /** When the next attempt is due, in milliseconds since the epoch. */
  readonly retryAt: number;
}

interface SendOptions<T> {
  readonly chunks: readonly Chunk[];
  readonly send: (chunk: Chunk, signal: AbortSignal) => Promise<T>;
  /** Called once for each predicted chunk. */
  readonly record: (chunk: Chunk, predictions: T) => void;
  readonly readFailure: (error: unknown) => Failure;
  /** Called when sending pauses, and with `null` when it resumes. */
  readonly onWaiting: (waiting: Waiting | null) => void;
  readonly signal: AbortSignal;
  readonly pause: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** Chunks under way at once. */
const IN_FLIGHT = 2;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 8000;

/** Whether a failure may pass: no response, an overloaded server, a quota. */
function mayPass(failure: Failure): boolean {
  return failure.retryable || isUnanswered(failure);
}

/** Milliseconds until attempt `attempt` (1 is the first repetition): doubling, or what the server asks. */
export function retryDelay(attempt: number, { retryAfter }: Pick<Failure, "retryAfter">): number {
  const doubling = Math.min(FIRST_RETRY_MS * 2 ** (attempt - 1), LONGEST_RETRY_MS);
  return retryAfter === null ? doubling : Math.max(doubling, retryAfter * 1000);
}

/**
 * Sends chunks in their order, at most two at once; transient failures (no response, overload, a quota)
 * is tried again, anything else rejects with what was thrown. Rejects when `signal` aborts.
 */
export async function sendChunks<T>(options: SendOptions<T>): Promise<void> {
  const { chunks, send, record, readFailure, onWaiting, signal, pause } = options;
  const stop = new AbortController();
  const own = AbortSignal.any([signal, stop.signal]);
  const queue = chunks.values();
  let waiting = 0;

  const deliver = async (chunk: Chunk) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const predictions = await send(chunk, own);
        own.throwIfAborted();
        if (attempt > 1) waiting -= 1;
        if (waiting === 0) onWaiting(null);
        return record(chunk, predictions);
      } catch (error) {
        own.throwIfAborted();
        const failure = readFailure(error);
        if (!mayPass(failure)) throw error;
        if (attempt === 1) waiting += 1;
        const delay = retryDelay(attempt, failure);
        onWaiting({ failure, retryAt: Date.now() + delay });
        await pause(delay, own);
      }
    }
  };
  const sender = async () => {
    for (const chunk of queue) await deliver(chunk);
  };
  try {
    await Promise.all(Array.from({ length: IN_FLIGHT }, sender));
  } finally {
    // One sender that failed stops the other.
    stop.abort();
  }
}

/** Most rows of a request. */
const CHUNK_ROWS = 2000;

/** Most values of a request, so that wide rows stay below the server's limit as well. */
const CHUNK_VALUES = 500_000;

interface BatchRunOptions {
  readonly table: BatchTable;
  readonly target: RunTarget;
  readonly predictRows: ReturnType<typeof createPredictRows>;
  /** Seconds that earlier parts of the same run took. */
  readonly elapsedBefore: number;
  readonly onChange: () => void;
  readonly onEnd: () => void;
}

/** Sends every good row of a table that has no prediction yet. */
export class BatchRun {
  readonly target: RunTarget;
  readonly #options: BatchRunOptions;
  readonly #rows: readonly number[];
  readonly #abort = new AbortController();
  readonly #throughput = new Throughput();
  readonly #started = performance.now();
  #ended: number | null = null;
  #phase: RunState["phase"] = "running";
  #waiting: Waiting | null = null;
  #failure: Failure | null = null;
  #left: number;

  constructor(options: BatchRunOptions) {
    this.target = options.target;
    this.#options = options;
    this.#rows = options.table.unanswered();
    this.#left = this.#rows.length;
    void this.#send();
  }

  /** Stops; predictions are kept, requests in flight are dropped. */
  cancel(): void {
    this.#abort.abort(new Error("cancelled"));
  }

  /** How far it is. */
  get state(): RunState {
    const { rowsPerSecond } = this.#throughput;
    const active = this.#phase === "running" && rowsPerSecond > 0;
    return {
      phase: this.#phase,
      target: this.target,
      rowsPerSecond,
      secondsLeft: active ? this.#left / rowsPerSecond : null,
      elapsed:
        this.#options.elapsedBefore + ((this.#ended ?? performance.now()) - this.#started) / 1000,
      failure: this.#waiting?.failure ?? this.#failure,
      retryAt: this.#waiting?.retryAt ?? null,
    };
  }

  #chunks(): Chunk[] {
    const { length: features } = this.#options.table.contract.features;
    const size = Math.min(CHUNK_ROWS, Math.ceil(CHUNK_VALUES / features));
    const starts = Array.from(
      { length: Math.ceil(this.#rows.length / size) },
      (_, index) => index * size,
    );
    return starts.map((from) => ({ from, to: Math.min(from + size, this.#rows.length) }));
  }

  async #send(): Promise<void> {
    const { table, predictRows, onChange, onEnd } = this.#options;
    const { answers } = table;
    this.#throughput.mark(performance.now(), 0);
    try {
      await sendChunks({
        chunks: this.#chunks(),
        send: ({ from, to }, signal) => {
          const rows = this.#rows.slice(from, to).map((row) => table.features(row));
          return predictRows(rows, this.target, signal);
        },
        record: ({ from, to }, predictions) => {
          for (const [index, prediction] of predictions.entries()) {
            answers.record(this.#rows[from + index] ?? -1, rowAnswer(table.contract, prediction));
          }
          this.#left -= to - from;
          this.#throughput.mark(performance.now(), this.#rows.length - this.#left);
          onChange();
        },
        readFailure: toFailure,
        onWaiting: (waiting) => {
          this.#waiting = waiting;
          this.#phase = waiting === null ? "running" : "waiting";
          onChange();
        },
        signal: this.#abort.signal,
        pause,
      });
      this.#phase = "done";
    } catch (error) {
      const cancelled = this.#abort.signal.aborted;
      this.#phase = cancelled ? "cancelled" : "failed";
      this.#failure = cancelled ? null : toFailure(error);
    } finally {
      this.#waiting = null;
      this.#ended = performance.now();
      onChange();
      onEnd();
    }
  }
}
