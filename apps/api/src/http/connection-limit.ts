import { readFileSync } from "node:fs";
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";

/** File descriptors that are kept for models, threads, files and databases; of a small limit, half of it. */
const RESERVED = 128;

/** Shortest time between two lines on refused connections, in milliseconds. */
const QUIET_MS = 10_000;

/** How many files this process may have open; Linux tells, others are taken to have no limit. */
function openFilesLimit(): number {
  try {
    const [, limit] =
      /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
    return Number(limit ?? Infinity);
  } catch {
    return Infinity;
  }
}

/**
 * Closes connections over a limit, and says so: each takes a file descriptor, and a process without any left can open
 * neither a file nor a thread.
 */
export function limitConnections(app: FastifyInstance, most: number, logger: Logger): void {
  const files = openFilesLimit();
  const limit = Math.min(most, files - Math.min(RESERVED, Math.floor(files / 2)));
  // Without `drop…`, which has no type, a connection goes round the processes until one of them has room.
  Object.assign(app.server, { maxConnections: limit, dropMaxConnection: true });
  if (limit < most) {
    const said = "fewer connections than MAX_CONNECTIONS: the process may not open more files";
    logger.info({ connections: limit, open_files: files }, said);
  }
  let refused = 0;
  let quietUntil = 0;
  app.server.on("drop", () => {
    refused += 1;
    if (performance.now() < quietUntil) return;
    logger.warn({ refused, connections: limit }, "connections are refused: too many are open");
    refused = 0;
    quietUntil = performance.now() + QUIET_MS;
  });
}
