import type { JobDatabase } from "./job-database.ts";
import { NOW } from "./tables.ts";

/** Age from which a reservation, and an input without one or a job, is removed, in milliseconds: an upload renews its own every 30 s. */
const ORPHAN_MS = 600_000;

/** Removes jobs that ended longer than `keepMs` ago, and inputs that no job was made of. */
export async function sweepJobs(jobs: JobDatabase, keepMs: number): Promise<void> {
  await jobs.boss();
  const { database } = jobs;
  await database.query(`DELETE FROM sepal.jobs WHERE finished_at < ${NOW} - $1`, [keepMs]);
  await database.query(`DELETE FROM sepal.reservations WHERE seen_at < ${NOW} - $1`, [ORPHAN_MS]);
  await database.query(
    `DELETE FROM sepal.inputs AS input WHERE seen_at < ${NOW} - $1
       AND NOT EXISTS (SELECT 1 FROM sepal.jobs WHERE id = input.id)
       AND NOT EXISTS (SELECT 1 FROM sepal.reservations WHERE id = input.id)`,
    [ORPHAN_MS],
  );
}
