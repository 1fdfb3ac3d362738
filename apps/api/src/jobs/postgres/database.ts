import { DatabaseError, Pool, types } from "pg";
import type * as z from "zod";
import { unavailable } from "@sepal/schema/unavailable";
import type { Logger } from "pino";
import { TABLES, TABLES_LOCK } from "./tables.ts";

/** Codes of a database that cannot be reached. */
const NETWORK_CODES = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
]);

/**
 * SQLSTATE classes of what passes or is the operator's to mend: connection, sign-in, no such database, rollback by
 * the server, resources, operator intervention, system.
 */
const SQLSTATE_CLASSES = new Set(["08", "28", "3D", "40", "53", "57", "58"]);

/** A standby takes no writes. */
const READ_ONLY = "25006";

/** A transaction that did nothing for too long was ended by the server. */
const IDLE_TRANSACTION = "25P03";

/** Failures of `pg` itself, which have no code. */
const MESSAGES = /connection (terminated|error)|timeout|not queryable|after calling end/i;

/** Why the database failed, in words without addresses; absent when something else did. */
export function databaseFault(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = "code" in error ? String(error.code) : "";
  if (NETWORK_CODES.has(code)) return "the database cannot be reached";
  if (/^[\dA-Z]{5}$/.test(code)) {
    const passes =
      code === READ_ONLY || code === IDLE_TRANSACTION || SQLSTATE_CLASSES.has(code.slice(0, 2));
    return passes ? `the database failed (${code})` : undefined;
  }
  return code === "" && MESSAGES.test(error.message) ? "the database does not respond" : undefined;
}

/** Longest wait for a connection and for the result of one statement, in milliseconds. */
const CONNECT_MS = 3000;
const STATEMENT_MS = 10_000;

/** How long a transaction of a process that hangs may hold its locks, in milliseconds. */
const IDLE_TRANSACTION_MS = 5000;

/** The same while tables and queue are made, in milliseconds. */
const PREPARE_MS = 60_000;

/** What statements are sent to: a connection, or any of the pool. */
export interface Connection {
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[]; rowCount: number | null }>;
}

/** Connections to the PostgreSQL at an address; opened when one is needed. */
export class Database implements Connection {
  readonly #pool: Pool;

  /** Takes up to `connections` of them. */
  constructor(connectionString: string, connections: number) {
    this.#pool = new Pool({
      connectionString,
      max: connections,
      application_name: "sepal",
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: STATEMENT_MS,
      statement_timeout: STATEMENT_MS,
      idle_in_transaction_session_timeout: IDLE_TRANSACTION_MS,
      keepAlive: true,
      types: {
        // Counts and times stay below 2^53.
        getTypeParser: (type, format) =>
          type === types.builtins.INT8 ? Number : types.getTypeParser(type, format),
      },
    });
    // Of an idle connection: the next statement that needs one fails by itself.
    this.#pool.on("error", () => {});
  }

  query(text: string, values?: unknown[]) {
    return this.#pool.query(text, values);
  }

  /** Makes the tables where there are none, then runs what else only one replica may do at a time. */
  prepare<T>(run: () => Promise<T>): Promise<T> {
    return this.transaction(async (connection) => {
      await connection.query(`SET LOCAL idle_in_transaction_session_timeout = ${PREPARE_MS}`);
      await connection.query("SELECT pg_advisory_xact_lock($1)", [TABLES_LOCK]);
      await connection.query(TABLES);
      return run();
    });
  }

  /** Runs changes as one, seen by others whole or not at all. */
  async transaction<T>(run: (connection: Connection) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    let broken: Error | undefined;
    const lost = (error: Error) => {
      broken = error;
    };
    // Without a listener a connection that breaks now would end the process.
    client.on("error", lost);
    try {
      await client.query("BEGIN");
      const result = await run(client);
      await client.query("COMMIT");
      return result;
    } catch (error) {
      // A connection without a response is ended, which takes the changes back: another wait would bring none either.
      if (databaseFault(error) !== undefined && !(error instanceof DatabaseError)) {
        broken = error instanceof Error ? error : undefined;
      } else await client.query("ROLLBACK").catch(lost);
      throw error;
    } finally {
      client.off("error", lost);
      client.release(broken);
    }
  }

  close(): Promise<void> {
    return this.#pool.end();
  }
}

/** The first row that a statement returns, checked against a schema. */
export async function firstRow<T>(
  connection: Connection,
  schema: z.ZodType<T>,
  text: string,
  values?: unknown[],
): Promise<T | undefined> {
  const { rows } = await connection.query(text, values);
  return rows.length === 0 ? undefined : schema.parse(rows[0]);
}

/** After how many seconds a rejected client may try again. */
const RETRY_S = 5;

/** Turns failures of the database into `unavailable`, and logs when an outage begins and when it is over. */
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
