import { randomUUID } from "node:crypto";
import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout as delay } from "node:timers/promises";

/** Age from which a lock counts as left behind, whoever holds it, in milliseconds: a command holds it for a few. */
const STALE_MS = 30_000;

/** Longest wait for the lock of another command, in milliseconds. */
const WAIT_MS = 60_000;

const RETRY_MS = 20;

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

/** Creates a file that must not exist; returns whether it did. */
async function create(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { mode: 0o600, flag: "wx" });
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !hasCode(error, "ESRCH");
  }
}

async function textOf(lock: string): Promise<string> {
  try {
    return await readFile(lock, "utf8");
  } catch (error) {
    // Another user's.
    if (hasCode(error, "EACCES")) return "";
    throw error;
  }
}

/** The lock's text where its command has ended or cannot be at work any more. */
async function staleText(lock: string): Promise<string | undefined> {
  try {
    const text = await textOf(lock);
    const [pid = "", host] = text.split(" ");
    const ended = host === hostname() && /^\d+$/.test(pid) && !isAlive(Number(pid));
    return ended || Date.now() - (await stat(lock)).mtimeMs > STALE_MS ? text : undefined;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** Removes a lock that was left behind. Of several commands that find it, one may: a second could remove its successor. */
async function removeStale(lock: string, text: string): Promise<void> {
  const right = `${lock}.${text.split(" ")[2] ?? "0"}`;
  if (!(await create(right, ""))) return;
  if ((await staleText(lock)) === text) await rm(lock, { force: true });
  await rm(right, { force: true });
}

/** Runs `change` while no other command holds the lock file; one that a killed command left behind is taken over. */
export async function withFileLock<T>(lock: string, change: () => Promise<T>): Promise<T> {
  const own = `${process.pid} ${hostname()} ${randomUUID()}`;
  const end = performance.now() + WAIT_MS;
  while (!(await create(lock, own))) {
    const stale = await staleText(lock);
    if (stale !== undefined) await removeStale(lock, stale);
    if (performance.now() > end) {
      throw new Error(`another command holds ${lock}; if none is running, remove that file`);
    }
    await delay(RETRY_MS);
  }
  try {
    return await change();
  } finally {
    await rm(lock, { force: true });
  }
}
