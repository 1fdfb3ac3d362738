import { Worker, type ResourceLimits, type Transferable } from "node:worker_threads";
import { SepalError } from "@sepal/schema/sepal-error";
import { unavailable } from "@sepal/schema/unavailable";

type Failure = Pick<
  SepalError,
  "code" | "message" | "validation" | "headers" | "reason" | "unquoted"
>;

/** Message of a worker thread: a result, or the failure in a form that can be cloned. */
export type ResultMessage<Result> =
  | { readonly kind: "ready" }
  | { readonly kind: "result"; readonly result: Result }
  | { readonly kind: "failure"; readonly failure: Failure };

/** A failure without its prototype, as messages carry it. */
export function packFailure(error: unknown): Failure {
  if (error instanceof SepalError) {
    const { code, message, validation, headers, reason, unquoted } = error;
    return { code, message, validation, headers, reason, unquoted };
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    code: "internal",
    message,
    validation: undefined,
    headers: {},
    reason: undefined,
    unquoted: undefined,
  };
}

/** The failure a message carried. */
export function unpackFailure({ code, message, ...options }: Failure): SepalError {
  return new SepalError(code, message, options);
}

/** Longest pause before a thread that keeps failing is started again, in milliseconds. */
const MAX_RESTART_DELAY_MS = 5000;

interface WorkerPoolOptions {
  /** Module that the threads run. */
  readonly script: URL;
  /** Number of threads. */
  readonly size: number;
  /** What memory a thread may take; one that wants more ends as one that crashes. */
  readonly resourceLimits?: ResourceLimits;
  /** What a thread is started with, as it is then. */
  readonly workerData: () => unknown;
  /** Most bytes of jobs waiting or running; what comes beyond is refused. */
  readonly maxBytes: number;
  /** Called with the reason when a thread ends that should not have. */
  readonly onCrash: (reason: unknown) => void;
}

/** Work for a thread. */
export interface PoolJob<Job> {
  readonly job: Job;
  /** Memory that moves to the thread with the job. */
  readonly transfer: readonly Transferable[];
  /** What the job counts for while it waits or runs. */
  readonly bytes: number;
  /** Why the job need not be run any more; asked before it is given to a thread. */
  readonly abandoned?: () => SepalError | undefined;
}

interface Pending<Job, Result> extends PoolJob<Job> {
  readonly resolve: (result: Result) => void;
  readonly reject: (error: SepalError) => void;
}

interface Thread<Job, Result> {
  readonly worker: Worker;
  ready: boolean;
  running: Pending<Job, Result> | undefined;
}

function refusal(reason: string, message: string): SepalError {
  return unavailable(message, { reason });
}

/** Worker threads, started on demand, that take one job at a time; one that crashes is replaced and its job refused cleanly. */
export class WorkerPool<Job, Result> {
  readonly #options: WorkerPoolOptions;
  readonly #threads = new Set<Thread<Job, Result>>();
  readonly #queue: Pending<Job, Result>[] = [];
  #bytes = 0;
  #failures = 0;
  #restart: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
  }

  /** Jobs waiting or running. */
  get jobs(): number {
    let running = 0;
    for (const thread of this.#threads) if (thread.running !== undefined) running += 1;
    return this.#queue.length + running;
  }

  /** Threads that run or start. */
  get threads(): number {
    return this.#threads.size;
  }

  /** Runs a job on the next free thread; fails with `unavailable` when too much waits already. */
  run(job: PoolJob<Job>): Promise<Result> {
    if (this.#closed || this.#bytes + job.bytes > this.#options.maxBytes) {
      return Promise.reject(refusal("queue_full", "too many large batches are waiting"));
    }
    return new Promise((resolve, reject) => {
      this.#bytes += job.bytes;
      this.#queue.push({ ...job, resolve, reject });
      this.#dispatch();
      // Started when first needed: an idle thread with its models takes 40 MB.
      if (this.#queue.length > 0 && this.#restart === undefined) this.#start();
    });
  }

  /** Sends every thread a message, which it reads before any job that is run later. */
  tell(message: unknown): void {
    for (const { worker } of this.#threads) worker.postMessage(message);
  }

  /** Ends the threads; nothing may be running. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#restart);
    await Promise.all([...this.#threads].map(({ worker }) => worker.terminate()));
  }

  #start(): void {
    const { script, workerData, size, resourceLimits } = this.#options;
    if (this.#closed || this.#threads.size >= size) return;
    const worker = new Worker(script, { workerData: workerData(), resourceLimits });
    const thread: Thread<Job, Result> = { worker, ready: false, running: undefined };
    let crash: unknown;
    worker.on("message", (message: ResultMessage<Result>) => this.#receive(thread, message));
    worker.once("error", (error) => {
      crash = error;
    });
    worker.once("exit", (code) => this.#ended(thread, crash ?? `exit code ${code}`));
    // Threads alone never keep the process alive.
    worker.unref();
    this.#threads.add(thread);
  }

  #receive(thread: Thread<Job, Result>, message: ResultMessage<Result>): void {
    if (message.kind === "ready") {
      thread.ready = true;
      this.#failures = 0;
    } else {
      const pending = thread.running;
      thread.running = undefined;
      if (pending !== undefined) this.#settle(pending, message);
    }
    this.#dispatch();
  }

  #settle(
    pending: Pending<Job, Result>,
    message: Exclude<ResultMessage<Result>, { kind: "ready" }>,
  ) {
    this.#bytes -= pending.bytes;
    if (message.kind === "result") pending.resolve(message.result);
    else pending.reject(unpackFailure(message.failure));
  }

  #ended(thread: Thread<Job, Result>, reason: unknown): void {
    this.#threads.delete(thread);
    const { running } = thread;
    if (running !== undefined) this.#refuse(running);
    if (this.#closed) return;
    this.#options.onCrash(reason);
    const someReady = [...this.#threads].some(({ ready }) => ready);
    // A thread that never became ready will hardly be followed by one that does: no job waits for it.
    if (!thread.ready && !someReady) for (const job of this.#queue.splice(0)) this.#refuse(job);
    const delay =
      this.#failures === 0 ? 0 : Math.min(MAX_RESTART_DELAY_MS, 100 * 2 ** this.#failures);
    this.#failures += 1;
    this.#restart ??= setTimeout(() => {
      this.#restart = undefined;
      this.#start();
    }, delay).unref();
  }

  #refuse(pending: Pending<Job, Result>): void {
    this.#bytes -= pending.bytes;
    pending.reject(refusal("worker_crashed", "the thread of this batch ended; send it again"));
  }

  /** The next job whose client still waits; rejects the others. */
  #next(): Pending<Job, Result> | undefined {
    for (;;) {
      const pending = this.#queue.shift();
      const reason = pending?.abandoned?.();
      if (pending === undefined || reason === undefined) return pending;
      this.#bytes -= pending.bytes;
      pending.reject(reason);
    }
  }

  #dispatch(): void {
    for (const thread of this.#threads) {
      if (!thread.ready || thread.running !== undefined) continue;
      const pending = this.#next();
      if (pending === undefined) return;
      thread.running = pending;
      thread.worker.postMessage(pending.job, pending.transfer);
    }
  }
}
