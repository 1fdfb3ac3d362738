import { existsSync } from "node:fs";
import type { Logger } from "pino";
import type { Settings } from "../settings/settings.ts";
import type { JobQueue, JobStore } from "./job-store.ts";
import { databasePath } from "./sqlite/open-database.ts";
import { SqliteJobQueue } from "./sqlite/sqlite-job-queue.ts";
import { SqliteJobStore } from "./sqlite/sqlite-job-store.ts";

/** Opens the store of jobs that the settings name. */
export async function openStore(settings: Settings, logger: Logger): Promise<JobStore> {
  const limits = {
    maxInputBytes: settings.MAX_FILE_BYTES,
    maxQueued: settings.JOBS_MAX_QUEUED,
    maxBytes: settings.JOBS_MAX_BYTES,
    keepMs: settings.JOBS_TTL_S * 1000,
  };
  const { DATABASE_URL: url, DATA_DIR } = settings;
  if (url === undefined) return SqliteJobStore.open(DATA_DIR, limits);
  const { PostgresJobStore } = await import("./postgres/postgres-job-store.ts");
  return new PostgresJobStore(url, limits, logger);
}

/** Opens the runner's side of the same store; `report` is called with failures in the background. */
export async function openQueue(
  settings: Settings,
  owner: string,
  report: (error: unknown) => void,
): Promise<JobQueue> {
  const { DATABASE_URL: url, DATA_DIR: dataDir, JOBS_TTL_S, JOBS_MAX_BYTES: maxBytes } = settings;
  const keepMs = JOBS_TTL_S * 1000;
  if (url === undefined) return SqliteJobQueue.open({ dataDir, owner, keepMs, maxBytes });
  const { PostgresJobQueue } = await import("./postgres/postgres-job-queue.ts");
  return new PostgresJobQueue({ url, owner, keepMs, maxBytes, report });
}

/** Whether there may be jobs to go on with; in a database of several replicas always. */
export function hasJobs({ DATABASE_URL, DATA_DIR }: Settings): boolean {
  return DATABASE_URL !== undefined || existsSync(databasePath(DATA_DIR));
}
