import { closeSync, mkdirSync, openSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { PRIVATE_FILE, PRIVATE_FOLDER } from "../../private-data.ts";

/** Longest wait for another process's transaction, in milliseconds; each takes microseconds. */
const BUSY_TIMEOUT_MS = 2000;

/** How often opening is tried: the change to write-ahead logging does not wait for others by itself. */
const OPEN_ATTEMPTS = 40;

const TABLES = `
CREATE TABLE IF NOT EXISTS jobs (
  id TEXT PRIMARY KEY,
  client TEXT NOT NULL,
  idempotency_key TEXT,
  fingerprint TEXT,
  format TEXT NOT NULL,
  charset TEXT NOT NULL DEFAULT 'utf-8',
  spreadsheet INTEGER NOT NULL DEFAULT 0,
  contract TEXT NOT NULL,
  model TEXT NOT NULL,
  version TEXT NOT NULL,
  strict INTEGER NOT NULL,
  status TEXT NOT NULL DEFAULT 'queued',
  rows_done INTEGER NOT NULL DEFAULT 0,
  rows_bad INTEGER NOT NULL DEFAULT 0,
  rows_total INTEGER,
  created_at INTEGER NOT NULL,
  started_at INTEGER,
  finished_at INTEGER,
  error TEXT,
  revision INTEGER NOT NULL DEFAULT 1,
  input_bytes INTEGER NOT NULL,
  output_bytes INTEGER NOT NULL DEFAULT 0,
  segments TEXT NOT NULL DEFAULT '[]',
  state TEXT,
  attempt INTEGER NOT NULL DEFAULT 0,
  stalls INTEGER NOT NULL DEFAULT 0,
  owner TEXT,
  lease_until INTEGER NOT NULL DEFAULT 0,
  not_before INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS jobs_key ON jobs (client, idempotency_key)
  WHERE idempotency_key IS NOT NULL;
CREATE INDEX IF NOT EXISTS jobs_status ON jobs (status, created_at);
CREATE TABLE IF NOT EXISTS reservations (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  seen_at INTEGER NOT NULL
) STRICT;
`;

/** Columns that databases of earlier versions lack. */
const ADDED_COLUMNS = {
  charset: "TEXT NOT NULL DEFAULT 'utf-8'",
  spreadsheet: "INTEGER NOT NULL DEFAULT 0",
};

function addColumns(database: DatabaseSync): void {
  const rows = database.prepare("SELECT name FROM pragma_table_info('jobs')").all();
  const names = new Set(rows.map(({ name }) => name));
  for (const [name, type] of Object.entries(ADDED_COLUMNS)) {
    if (!names.has(name)) database.exec(`ALTER TABLE jobs ADD COLUMN ${name} ${type}`);
  }
}

/** Path of the database in a data folder. */
export function databasePath(dataDir: string): string {
  return join(dataDir, "jobs.db");
}

interface OpenOptions {
  /** Whether commits move the log into the database from time to time, which waits for the disk. */
  readonly checkpoints: boolean;
}

/** Opens the database of a data folder, made where there is none, for this connection among others. */
export async function openDatabase(
  dataDir: string,
  { checkpoints }: OpenOptions,
): Promise<DatabaseSync> {
  mkdirSync(dataDir, { recursive: true, mode: PRIVATE_FOLDER });
  // SQLite would make it readable by all; its log and index get the mode of the database.
  closeSync(openSync(databasePath(dataDir), "a", PRIVATE_FILE));
  for (let attempt = 1; ; attempt += 1) {
    const database = new DatabaseSync(databasePath(dataDir), { timeout: BUSY_TIMEOUT_MS });
    try {
      // Commits reach the disk when `syncLog` says so: without waiting for it here.
      database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
      if (!checkpoints) database.exec("PRAGMA wal_autocheckpoint = 0");
      database.exec(TABLES);
      transaction(database, () => addColumns(database));
      return database;
    } catch (error) {
      database.close();
      const locked = error instanceof Error && /locked|busy/i.test(error.message);
      if (!locked || attempt === OPEN_ATTEMPTS) throw error;
      await sleep(25);
    }
  }
}

/** Waits until all that was committed is on the disk. */
export async function syncLog(dataDir: string): Promise<void> {
  const file = await open(`${databasePath(dataDir)}-wal`, "r+");
  try {
    await file.datasync();
  } finally {
    await file.close();
  }
}

/** Runs changes as one, seen by others whole or not at all. */
export function transaction<T>(database: DatabaseSync, run: () => T): T {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = run();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}
