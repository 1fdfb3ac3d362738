import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { Logger } from "pino";
import type { Socket } from "node:net";
import { checkIntervalMs } from "../settings/http-settings.ts";
import { toSepalError } from "../errors/failures.ts";

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

const uncertain = new WeakSet<Socket>();

/** Whether there ever was one: until then a request costs one comparison. */
let some = false;

/** Serves no further request of a connection, whatever its client sends. */
export function serveNoMore(socket: Socket): void {
  uncertain.add(socket);
  some = true;
}

/**
 * Whether a request, or one before it on its connection, has no certain end: chunks in HTTP/1.0,
 * which its proxies do not know and take for the next request (RFC 9112, 6.1).
 */
export function isUncertain({ httpVersionMinor, headers, socket }: IncomingMessage): boolean {
  if (httpVersionMinor === 0 && headers["transfer-encoding"] !== undefined) {
    serveNoMore(socket);
  }
  return some && uncertain.has(socket);
}

/** The response that a connection waits for; of pipelined requests the last. */
const waitingFor = Symbol("reply");

interface Connection extends Socket {
  [waitingFor]?: FastifyReply | undefined;
}

/**
 * Has requests whose connection ends before their response counted and logged as others are, with the status that their
 * failure has, or 499 when the client hung up: Fastify runs `onResponse` only where the response ends. A request
 * costs two assignments; the listener is one a connection.
 */
export function noteCutOffs(app: FastifyInstance): void {
  app.server.on("connection", (socket: Connection) => {
    socket.once("close", () => {
      const reply = socket[waitingFor];
      socket[waitingFor] = undefined;
      // Node reports the end of this response to no other listener.
      if (reply === undefined || reply.raw.writableFinished) return;
      const { raw, request } = reply;
      raw.statusCode = request.failure === undefined ? 499 : toSepalError(request.failure).status;
      raw.on("error", () => {});
      raw.emit("error", new Error("the answer was cut off"));
    });
  });
  app.addHook("onRequest", (request, reply, done) => {
    const connection: Connection = request.raw.socket;
    // A request without a certain end is not served, and no client waits for its response.
    if (!isUncertain(request.raw)) connection[waitingFor] = reply;
    done();
  });
  app.addHook("onResponse", (request, reply, done) => {
    const connection: Connection = request.raw.socket;
    if (connection[waitingFor] === reply) connection[waitingFor] = undefined;
    done();
  });
}
