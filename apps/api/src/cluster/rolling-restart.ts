import type { Worker } from "node:cluster";
import { once } from "node:events";
import type { Logger } from "pino";

interface RollingOptions {
  readonly logger: Logger;
  /** The server processes as they are now. */
  readonly running: () => readonly Worker[];
  /** Starts one that listens when every model is loaded, or ends. */
  readonly start: () => Worker;
  /** Asks one to end once it serves no connection any more; its end is no accident. */
  readonly retire: (worker: Worker) => void;
  /** Longest time one may take to retire, in milliseconds. */
  readonly patienceMs: number;
}

/** Whether a process got as far as listening. */
async function listens(worker: Worker): Promise<boolean> {
  const stop = new AbortController();
  const { signal } = stop;
  try {
    return await Promise.race([
      once(worker, "listening", { signal }).then(() => true),
      once(worker, "exit", { signal }).then(() => false),
    ]);
  } finally {
    stop.abort();
  }
}

async function ended(worker: Worker, patienceMs: number): Promise<void> {
  const overdue = setTimeout(() => worker.process.kill("SIGKILL"), patienceMs);
  await once(worker, "exit");
  clearTimeout(overdue);
}

/** Restarts server processes one after the other, each after its successor listens; stops at a successor that does not. */
export class RollingRestart {
  readonly #options: RollingOptions;
  #busy = false;

  constructor(options: RollingOptions) {
    this.#options = options;
  }

  /** Replaces every process that runs now; a second call meanwhile does nothing. */
  async run(): Promise<void> {
    const { logger, running } = this.#options;
    if (this.#busy) {
      logger.warn("a rolling restart is under way");
      return;
    }
    this.#busy = true;
    try {
      const workers = running();
      logger.info({ workers: workers.length }, "rolling restart");
      for (const worker of workers) {
        if (worker.isDead()) continue;
        if (!(await this.#replace(worker))) {
          logger.error("rolling restart stopped: the new process is not ready; the old ones serve");
          return;
        }
      }
      logger.info("rolling restart done");
    } finally {
      this.#busy = false;
    }
  }

  async #replace(worker: Worker): Promise<boolean> {
    const { start, retire, patienceMs } = this.#options;
    if (!(await listens(start()))) return false;
    if (worker.isDead()) return true;
    const end = ended(worker, patienceMs);
    retire(worker);
    await end;
    return true;
  }
}
