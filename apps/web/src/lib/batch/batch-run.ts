import { toFailure, type Failure } from "../failure.ts";
import type { BatchTable } from "./batch-table.ts";
import { pause } from "./pause.ts";
import type { createPredictRows } from "./predict-rows.ts";
import type { RunState, RunTarget } from "./protocol.ts";
import { sendChunks, type Chunk, type Waiting } from "./send-chunks.ts";
import { Throughput } from "./throughput.ts";

const CHUNK_ROWS = 2000;

interface BatchRunOptions {
  readonly table: BatchTable;
  readonly target: RunTarget;
  readonly predictRows: ReturnType<typeof createPredictRows>;
  /** Seconds that earlier parts of the same run took. */
  readonly elapsedBefore: number;
  readonly onChange: () => void;
}

/** Sends every good row of a table that has no answer yet. */
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

  /** Stops; answers stay, what is under way is dropped. */
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
    const starts = Array.from(
      { length: Math.ceil(this.#rows.length / CHUNK_ROWS) },
      (_, index) => index * CHUNK_ROWS,
    );
    return starts.map((from) => ({ from, to: Math.min(from + CHUNK_ROWS, this.#rows.length) }));
  }

  async #send(): Promise<void> {
    const { table, predictRows, onChange } = this.#options;
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
            answers.record(this.#rows[from + index] ?? -1, prediction);
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
    }
  }
}
