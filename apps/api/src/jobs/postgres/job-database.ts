import { PgBoss, type Db } from "pg-boss";
import { Database, type Connection } from "./database.ts";

interface JobDatabaseOptions {
  readonly url: string;
  /** Most connections. */
  readonly connections: number;
  /** Whether it looks after jobs whose runner is gone. */
  readonly supervise: boolean;
  /** Called with failures in the background. */
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

/** Name of the queue that jobs wait in. */
export const QUEUE = "sepal-jobs";

/** After how many seconds without a sign of life another replica takes a job; the least that pg-boss takes. */
const HEARTBEAT_S = 10;

/** How often that is looked at, in seconds. */
const MONITOR_S = 1;

/** Longest that a job is worked on in one go, in seconds; it goes on from its checkpoint. */
const EXPIRE_S = 23 * 3600;

/** As often as it takes: a job without progress is given up by the claim, not by the count of retries. */
const RETRIES = 1_000_000;

/** What pg-boss is to send its statements through: inside a transaction of ours, they are part of it. */
export function through(connection: Connection): Db {
  return {
    executeSql: (text, values) => connection.query(text, values),
  };
}

interface BossOptions {
  /** Whether it looks after jobs whose runner is gone. */
  readonly supervise: boolean;
  /** Called with failures in the background. */
  readonly report: (error: unknown) => void;
}

/** Opens pg-boss over connections of ours, in its own schema, made where there is none. */
async function openBoss(database: Database, { supervise, report }: BossOptions): Promise<PgBoss> {
  const boss = new PgBoss({
    db: through(database),
    schema: "sepal_queue",
    schedule: false,
    supervise,
    superviseIntervalSeconds: MONITOR_S,
    monitorIntervalSeconds: MONITOR_S,
    maintenanceIntervalSeconds: 600,
    flowIntervalSeconds: 3600,
    bamIntervalSeconds: 3600,
  });
  boss.on("error", report);
  try {
    await boss.start();
    await boss.createQueue(QUEUE, {
      heartbeatSeconds: HEARTBEAT_S,
      expireInSeconds: EXPIRE_S,
      retryLimit: RETRIES,
      retentionSeconds: 10 * 365 * 86_400,
      deleteAfterSeconds: 3600,
    });
    return boss;
  } catch (error) {
    await boss.stop({ graceful: false, close: false });
    throw error;
  }
}
