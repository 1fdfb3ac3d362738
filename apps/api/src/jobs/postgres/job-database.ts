import type { PgBoss } from "pg-boss";
import { Database } from "./database.ts";
import { openBoss } from "./open-boss.ts";

interface JobDatabaseOptions {
  readonly url: string;
  /** Most connections. */
  readonly connections: number;
  /** Whether it looks after jobs whose runner is gone. */
  readonly supervise: boolean;
  /** Told what fails in the background. */
  readonly report: (error: unknown) => void;
}

/** The database of jobs with the queue in it; made ready by the first that needs it, or again by the next. */
export class JobDatabase {
  readonly database: Database;
  readonly #options: JobDatabaseOptions;
  #boss: Promise<PgBoss> | undefined;

  constructor(options: JobDatabaseOptions) {
    this.#options = options;
    this.database = new Database(options.url, options.connections);
  }

  /** The queue, once tables and queue are there. */
  boss(): Promise<PgBoss> {
    this.#boss ??= this.#open().catch((error: unknown) => {
      this.#boss = undefined;
      throw error;
    });
    return this.#boss;
  }

  #open(): Promise<PgBoss> {
    return this.database.prepare(() => openBoss(this.database, this.#options));
  }

  async close(): Promise<void> {
    const boss = await this.#boss?.catch(() => undefined);
    await boss?.stop({ graceful: false, close: false });
    await this.database.close();
  }
}
