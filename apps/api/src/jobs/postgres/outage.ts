import { unavailable } from "@sepal/schema/unavailable";
import type { Logger } from "pino";
import { databaseFault } from "./database-fault.ts";

/** After how many seconds a refused client may try again. */
const RETRY_S = 5;

/** Turns failures of the database into refusals that pass, and logs when they begin and when they are over. */
export class Outage {
  readonly #logger: Logger;
  #now = false;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Runs what needs the database; fails with `unavailable` while there is none. */
  async guard<T>(run: () => Promise<T>): Promise<T> {
    try {
      const result = await run();
      if (this.#now) this.#logger.info("the database of jobs is back");
      this.#now = false;
      return result;
    } catch (cause) {
      const fault = databaseFault(cause);
      if (fault === undefined) throw cause;
      if (!this.#now) this.#logger.error({ err: cause }, "the database of jobs is gone");
      this.#now = true;
      throw unavailable(`no jobs for now: ${fault}`, {
        reason: "database",
        retryS: RETRY_S,
        cause,
      });
    }
  }
}
