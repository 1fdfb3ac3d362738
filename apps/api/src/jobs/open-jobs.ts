import { existsSync } from "node:fs";
import type { Settings } from "../settings.ts";
import type { JobQueue, JobStore } from "./job-store.ts";
import { databasePath } from "./sqlite/open-database.ts";
import { SqliteJobQueue } from "./sqlite/sqlite-job-queue.ts";
import { SqliteJobStore } from "./sqlite/sqlite-job-store.ts";

/** Opens the store of jobs that the settings name. */
export function openStore(settings: Settings): Promise<JobStore> {
  return SqliteJobStore.open(settings.DATA_DIR, {
    maxInputBytes: settings.MAX_FILE_BYTES,
    maxQueued: settings.JOBS_MAX_QUEUED,
    maxBytes: settings.JOBS_MAX_BYTES,
    keepMs: settings.JOBS_TTL_S * 1000,
  });
}

/** Opens the runner's side of the same store. */
export function openQueue(settings: Settings, owner: string): Promise<JobQueue> {
  const { DATA_DIR: dataDir, JOBS_TTL_S } = settings;
  return SqliteJobQueue.open({ dataDir, owner, keepMs: JOBS_TTL_S * 1000 });
}

/** Whether there may be jobs to go on with. */
export function hasJobs({ DATA_DIR }: Settings): boolean {
  return existsSync(databasePath(DATA_DIR));
}
