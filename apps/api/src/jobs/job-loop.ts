import type { ServedModel } from "@sepal/model/served-model";
import type { JobStatus } from "@sepal/schema/job";
import type { JobQueue } from "./job-store.ts";
import { runClaim } from "./run-claim.ts";

/** How often an idle runner looks for jobs that other processes took in or left behind, in milliseconds. */
const POLL_MS = 1000;

/** Pause after a failure of the store, in milliseconds. */
const FAULT_PAUSE_MS = 5000;

/** How often expired jobs are removed, in milliseconds. */
const SWEEP_MS = 2000;

interface LoopOptions {
  readonly openQueue: () => Promise<JobQueue>;
  readonly openModel: (model: string, version: string) => Promise<ServedModel>;
  /** Called when this runner has ended a job. */
  readonly ended: (id: string, status: JobStatus) => void;
  /** Called with failures that clients do not see. */
  readonly report: (error: unknown) => void;
  /** Most columns of a file. */
  readonly maxColumns: number;
}

/** Runs jobs one after the other until it is stopped. */
export class JobLoop {
  readonly #options: LoopOptions;
  #stopping = false;
  #interrupt: (() => void) | undefined;
  #sweepAt = 0;

  constructor(options: LoopOptions) {
    this.#options = options;
  }

  /** Looks for a job at once. */
  wake(): void {
    this.#interrupt?.();
  }

  /** Stops at the next checkpoint; the job at hand goes on later, here or elsewhere. */
  stop(): void {
    this.#stopping = true;
    this.wake();
  }

  /** Settles when it was stopped. */
  async run(): Promise<void> {
    let queue: JobQueue | undefined;
    while (!this.#stopping) {
      try {
        queue ??= await this.#options.openQueue();
        if (!(await this.#runNext(queue))) await this.#pause(POLL_MS);
      } catch (error) {
        this.#options.report(error);
        await this.#pause(FAULT_PAUSE_MS);
      }
    }
    queue?.close();
  }

  /** Whether there was one. */
  async #runNext(queue: JobQueue): Promise<boolean> {
    if (performance.now() >= this.#sweepAt) {
      this.#sweepAt = performance.now() + SWEEP_MS;
      await queue.sweep();
    }
    const claim = await queue.claim();
    if (claim === undefined) return false;
    const { ended, ...options } = this.#options;
    const stopping = () => this.#stopping;
    const status = await runClaim(claim, { ...options, queue, stopping });
    if (status === "succeeded" || status === "failed") ended(claim.id, status);
    return true;
  }

  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#interrupt = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
