import { DatabaseError, Pool, types } from "pg";
import type * as z from "zod";
import { databaseFault } from "./database-fault.ts";
import { TABLES, TABLES_LOCK } from "./tables.ts";

/** Longest wait for a connection and for the answer to one statement, in milliseconds. */
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
      // A connection that gave no answer is ended, which takes the changes back: another wait would give none either.
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

/** The first row that a statement gives, held against a schema. */
export async function firstRow<T>(
  connection: Connection,
  schema: z.ZodType<T>,
  text: string,
  values?: unknown[],
): Promise<T | undefined> {
  const { rows } = await connection.query(text, values);
  return rows.length === 0 ? undefined : schema.parse(rows[0]);
}
