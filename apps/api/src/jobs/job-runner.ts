import type { Execution, InferenceObserver } from "@sepal/model/session/inference-observer";
import {
  SHUTTING_DOWN,
  type Candidate,
  type Verdict,
  type Admit,
} from "@sepal/model/repository/admission";
import type { JobStatus } from "@sepal/schema/job";
import { Worker } from "node:worker_threads";
import type { Logger } from "pino";
import type { Settings } from "../settings/settings.ts";
import type { JobObserver } from "../observability/metrics/job-metrics.ts";
import { OWNER } from "./sqlite/owner.ts";

/** What the thread of jobs is started with. */
export interface JobThreadData {
  readonly settings: Settings;
  /** Under which name it claims jobs. */
  readonly owner: string;
}

/** To the thread: there is a new job, stop at the next checkpoint, or whether a version may be opened. */
export type ToJobThread = "wake" | "stop" | { readonly id: number; readonly verdict: Verdict };

/** From the thread: what it ran, how a job ended there, which version it wants to open, and what failed. */
export type FromJobThread =
  | { readonly kind: "executed"; readonly executions: readonly Execution[] }
  | { readonly kind: "ended"; readonly id: string; readonly status: JobStatus }
  | { readonly kind: "admit"; readonly id: number; readonly candidate: Candidate }
  | { readonly kind: "fault"; readonly reason: string };

/** Pause before a thread that crashed is started again, in milliseconds: what crashed it may do so again. */
const RESTART_MS = 1000;

const SCRIPT = new URL("job-thread.ts", import.meta.url);

/** Rows are garbage as soon as they are written: collected early they take 70 MB less, at the same speed. */
const RESOURCE_LIMITS = { maxYoungGenerationSizeMb: 8 };

interface RunnerOptions {
  readonly settings: Settings;
  readonly admit: Admit;
  readonly observer: InferenceObserver;
  readonly jobObserver: JobObserver;
  readonly logger: Logger;
}

/** The thread that runs jobs, from the first one on. */
export class JobRunner {
  readonly #options: RunnerOptions;
  #thread: Worker | undefined;
  #ended: Promise<void> = Promise.resolve();
  #restart: NodeJS.Timeout | undefined;
  readonly #stopping = Promise.withResolvers<Verdict>();
  #stopped = false;

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  /** Starts the thread where it does not run. */
  start(): void {
    if (this.#stopped || this.#thread !== undefined || this.#restart !== undefined) return;
    const { settings, observer, jobObserver, logger } = this.#options;
    const workerData: JobThreadData = { settings, owner: OWNER };
    const thread = new Worker(SCRIPT, { workerData, resourceLimits: RESOURCE_LIMITS });
    let crash: unknown;
    thread.on("message", (message: FromJobThread) => {
      if (message.kind === "executed") {
        for (const execution of message.executions) observer.executed(execution);
      } else if (message.kind === "ended") {
        jobObserver.ended(message.status);
        logger.info({ job: message.id, status: message.status }, "job");
      } else if (message.kind === "admit") void this.#admit(message);
      else logger.error({ reason: message.reason }, "jobs");
    });
    thread.once("error", (error) => {
      crash = error;
    });
    this.#ended = new Promise((resolve) => {
      thread.once("exit", (code) => {
        this.#thread = undefined;
        resolve();
        if (this.#stopped) return;
        logger.error({ err: crash ?? `exit code ${code}` }, "thread of jobs");
        this.#restart = setTimeout(() => {
          this.#restart = undefined;
          this.start();
        }, RESTART_MS).unref();
      });
    });
    // Threads alone never keep the process alive.
    thread.unref();
    this.#thread = thread;
  }

  /** The thread opens a version from the disk, so it asks first, as the request path does. */
  async #admit({ id, candidate }: Extract<FromJobThread, { kind: "admit" }>): Promise<void> {
    const verdict = await Promise.race([this.#options.admit(candidate), this.#stopping.promise]);
    this.#send({ id, verdict });
  }

  #send(message: ToJobThread): void {
    this.#thread?.postMessage(message);
  }

  /** Lets the thread look for a job at once. */
  wake(): void {
    this.start();
    this.#send("wake");
  }

  /** Settles when the thread has come to a checkpoint and ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#stopping.resolve(SHUTTING_DOWN);
    clearTimeout(this.#restart);
    this.#send("stop");
    await this.#ended;
  }
}
