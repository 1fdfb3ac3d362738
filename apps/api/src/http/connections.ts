import { readFileSync } from "node:fs";
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import type { Socket } from "node:net";
import { checkIntervalMs } from "../settings/http-settings.ts";

/** File descriptors that are kept for models, threads, files and databases; of a small limit, half of it. */
const RESERVED = 128;

/** Shortest time between two lines on refused connections, in milliseconds. */
const QUIET_MS = 10_000;

/** How many files this process may have open; known on Linux, elsewhere taken to be without limit. */
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
 * Closes connections over a limit, and logs that: each takes a file descriptor, and a process without any left can open
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

/**
 * Cuts off clients that take no byte of a waiting response for some milliseconds: all of it is held in
 * memory until then. Looking at the connections now and then costs a request nothing.
 */
export function cutOffStalledReaders(app: FastifyInstance, milliseconds: number): void {
  const connections = new Set<Socket>();
  const watched = new WeakSet<Socket>();
  app.server.on("connection", (socket: Socket) => {
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
  });
  const look = () => {
    for (const socket of connections) {
      const waiting = socket.writableLength > 0;
      if (waiting && (socket.timeout ?? 0) === 0) {
        // Counts a byte that the system takes as progress; Node ends the connection when it is over.
        socket.setTimeout(milliseconds);
        watched.add(socket);
      } else if (!waiting && watched.delete(socket) && socket.timeout === milliseconds) {
        socket.setTimeout(0);
      }
    }
  };
  const timer = setInterval(look, checkIntervalMs(milliseconds)).unref();
  app.addHook("onClose", (_app, done) => {
    clearInterval(timer);
    done();
  });
}
