import type { PgBoss } from "pg-boss";
import type { Connection } from "./database.ts";
import { QUEUE, through } from "./job-database.ts";

/** Interval of a runner's heartbeat, in milliseconds. */
const TOUCH_MS = 3000;

/** A place of the queue that this runner has taken, as the attempt that took it. */
export class HeldPlace {
  readonly id: string;
  readonly #boss: PgBoss;
  readonly #retryCount: number;
  #timer: NodeJS.Timeout | undefined;

  /** `retryCount` distinguishes this attempt from others at the same place. */
  constructor(boss: PgBoss, id: string, retryCount: number) {
    this.#boss = boss;
    this.id = id;
    this.#retryCount = retryCount;
  }

  get #attempt() {
    return { id: this.id, retryCount: this.#retryCount };
  }

  /** Starts the heartbeat of the runner. */
  hold(): void {
    const touch = () => {
      // The next step meets the same failure and reports it.
      this.#boss.touch(QUEUE, this.#attempt).catch(() => {});
    };
    this.#timer = setInterval(touch, TOUCH_MS).unref();
  }

  /** Stops the heartbeat: after a while another runner takes the place. */
  leave(): void {
    clearInterval(this.#timer);
  }

  /** Gives the place up for good; nothing where another attempt has it. */
  async complete(connection: Connection): Promise<void> {
    await this.#boss.complete(QUEUE, this.#attempt, null, { db: through(connection) });
  }
}

/** Takes the next place of the queue. */
export async function takePlace(
  boss: PgBoss,
  connection: Connection,
): Promise<HeldPlace | undefined> {
  const [job] = await boss.fetch(QUEUE, { batchSize: 1, db: through(connection) });
  return job && new HeldPlace(boss, job.id, job.retryCount);
}
