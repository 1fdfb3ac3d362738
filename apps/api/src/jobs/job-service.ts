import type { InferenceObserver } from "@sepal/model/session/inference-observer";
import type { Admit } from "@sepal/model/repository/admission";
import { unavailable } from "@sepal/schema/unavailable";
import type { Logger } from "pino";
import type { JobObserver } from "../observability/metrics/job-metrics.ts";
import { counted } from "../observability/metrics/inference-metrics.ts";
import type { Settings } from "../settings/settings.ts";
import { JobRunner } from "./job-runner.ts";
import type { JobOrder, JobRecord, JobResult, JobStore, ReceivedInput } from "./job-store.ts";
import { hasJobs, openStore } from "./open-jobs.ts";

/** How often a process without jobs looks whether another one has made the first, in milliseconds. */
const LOOK_MS = 2000;

interface JobServiceOptions {
  readonly settings: Settings;
  readonly admit: Admit;
  readonly observer: InferenceObserver;
  readonly jobObserver: JobObserver;
  readonly logger: Logger;
}

/** Where requests hand in jobs and ask for them; opens store and runner when there is a first job. */
export class JobService {
  readonly #options: JobServiceOptions;
  readonly #runner: JobRunner;
  #store: Promise<JobStore> | undefined;
  #look: NodeJS.Timeout | undefined;

  constructor(options: JobServiceOptions) {
    this.#options = options;
    this.#runner = new JobRunner(options);
  }

  /** Goes on with jobs that an earlier process left, and takes its part of those of others. */
  start(): void {
    const { settings } = this.#options;
    const look = () => {
      if (!hasJobs(settings)) return;
      clearInterval(this.#look);
      this.#runner.start();
    };
    this.#look = setInterval(look, LOOK_MS).unref();
    look();
  }

  /** The store; one that could not be opened is tried again by the next request. */
  #open(): Promise<JobStore> {
    const { settings, logger } = this.#options;
    this.#store ??= openStore(settings, logger).catch((cause: unknown) => {
      this.#store = undefined;
      logger.error({ err: cause }, "jobs");
      const options = { reason: "jobs_closed", retryS: 30, cause };
      throw unavailable("the folder of the jobs cannot be opened", options);
    });
    return this.#store;
  }

  /** How many jobs wait; none where the store cannot be read. */
  async queued(): Promise<number> {
    if (!hasJobs(this.#options.settings)) return 0;
    try {
      return await (await this.#open()).queued();
    } catch {
      return 0;
    }
  }

  /** Stores an input; fails with `unavailable` before it is read where no job would be taken. */
  async receive(
    source: AsyncIterable<Uint8Array>,
    declared: number | undefined,
  ): Promise<ReceivedInput> {
    return this.#counting(async () => {
      const store = await this.#open();
      await store.admit();
      return store.receive(source, declared);
    });
  }

  /** Makes the job of an input, or finds the one that the same order made before. */
  async create(input: ReceivedInput, order: JobOrder): Promise<JobRecord> {
    return this.#counting(async () => {
      const store = await this.#open();
      const job = await store.create(input, order);
      this.#runner.wake();
      return job;
    });
  }

  /** Counts a job that is refused. */
  async #counting<T>(take: () => Promise<T>): Promise<T> {
    try {
      return await take();
    } catch (error) {
      throw counted(error, this.#options.observer);
    }
  }

  async discard(input: ReceivedInput): Promise<void> {
    await (await this.#open()).discard(input);
  }

  async get(id: string, client: string): Promise<JobRecord | undefined> {
    if (!hasJobs(this.#options.settings)) return undefined;
    return (await this.#open()).get(id, client);
  }

  async cancel(id: string, client: string): Promise<JobRecord | undefined> {
    if (!hasJobs(this.#options.settings)) return undefined;
    return (await this.#open()).cancel(id, client);
  }

  async result(id: string): Promise<JobResult> {
    return (await this.#open()).result(id);
  }

  /** Stops the work at a checkpoint. */
  stop(): Promise<void> {
    clearInterval(this.#look);
    return this.#runner.stop();
  }

  /** Closes the store; no request may come any more. */
  async close(): Promise<void> {
    await this.stop();
    const store = await this.#store?.catch(() => undefined);
    store?.close();
  }
}
