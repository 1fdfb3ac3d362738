import { unavailable } from "@sepal/schema/unavailable";

/** Codes of a disk that has no room, or cannot be written for now. */
const DISK_CODES = new Set(["ENOSPC", "EDQUOT", "EFBIG", "EIO", "EROFS", "EMFILE", "ENFILE"]);

/** SQLite's codes for a file it cannot write, open or trust: IOERR, FULL, CANTOPEN, READONLY, BUSY. */
const SQLITE_CODES = new Set([10, 13, 14, 8, 5]);

/** The reason given for a full disk. */
export const DISK_FULL = "the disk is full";

/** Why a disk failed, in words without paths; absent when something else did. */
export function diskFault(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  if (error.code === "ENOSPC" || error.code === "EDQUOT") return DISK_FULL;
  if (DISK_CODES.has(String(error.code))) return `the disk failed (${String(error.code)})`;
  if (error.code !== "ERR_SQLITE_ERROR" || !("errcode" in error)) return undefined;
  // The low byte is the primary code; the rest is detail.
  const primary = Number(error.errcode) & 0xff;
  if (primary === 13) return DISK_FULL;
  return SQLITE_CODES.has(primary) ? `the database of jobs failed (${primary})` : undefined;
}

/** The failure of a request that the disk was in the way of; another failure as it is. */
export function asUnavailable(error: unknown): unknown {
  const fault = diskFault(error);
  if (fault === undefined) return error;
  const options = { retryS: 30, reason: "disk", cause: error };
  return unavailable(`no job can be taken: ${fault}`, options);
}
