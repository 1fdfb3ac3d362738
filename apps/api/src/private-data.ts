import { chmod, lstat } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "pino";

/** Modes of folders and files that hold what clients sent: only the server's own user reads them. */
export const PRIVATE_FOLDER = 0o700;
export const PRIVATE_FILE = 0o600;

const STICKY = 0o1000;

/** What lies in a data folder. */
const FOLDERS = ["jobs", "spool"];
const FILES = ["jobs.db", "jobs.db-wal", "jobs.db-shm"];

async function tighten(path: string, mode: number, logger: Logger): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined || found.isSymbolicLink() || (found.mode & 0o077) === 0) return;
  const was = `0${(found.mode & 0o7777).toString(8)}`;
  if (found.isDirectory() && (found.mode & STICKY) !== 0) {
    logger.warn({ path, mode: was }, "DATA_DIR is a shared folder and stays open to others");
    return;
  }
  try {
    await chmod(path, mode);
    logger.info({ path, mode: was }, "open to other users until now; it is not any more");
  } catch (err) {
    logger.warn({ path, mode: was, err }, "open to other users, and its mode cannot be changed");
  }
}

/** Takes from others the rights to what is kept in a data folder, where an earlier version or an administrator gave them. */
export async function keepPrivate(dataDir: string, logger: Logger): Promise<void> {
  await tighten(dataDir, PRIVATE_FOLDER, logger);
  for (const name of FOLDERS) await tighten(join(dataDir, name), PRIVATE_FOLDER, logger);
  for (const name of FILES) await tighten(join(dataDir, name), PRIVATE_FILE, logger);
}
