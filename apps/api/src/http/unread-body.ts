import type { IncomingMessage } from "node:http";
import { finished } from "node:stream";
import type { FastifyReply } from "fastify";
import { serveNoMore } from "./framing.ts";

/** Longest body that is received and dropped so that its connection can serve further requests, in bytes. */
const MAX_DROPPED_BYTES = 2 ** 20;

/** Longest time in which the rest of an unwanted body is received and dropped, in milliseconds. */
const LINGER_MS = 5000;

/**
 * Receives and drops what a client still sends of an unwanted body: closing at once would reset the connection
 * under a client that is writing, and the response would never be read.
 */
export function dropBody(request: IncomingMessage, milliseconds = LINGER_MS): void {
  request.unpipe();
  request.resume();
  if (request.complete) return;
  const overdue = setTimeout(() => request.destroy(), milliseconds);
  request.once("close", () => clearTimeout(overdue));
}

/** Whether the client keeps its connection for further requests. */
export function keepsConnection({ httpVersionMinor, headers }: IncomingMessage): boolean {
  return httpVersionMinor > 0 && headers.connection?.toLowerCase().includes("close") !== true;
}

/**
 * Decides what becomes of a connection whose request is rejected before its body is there: it lasts where the body
 * is short, and otherwise ends with the response, after a grace in which the client can read it (RFC 9112, 9.6).
 */
export function leaveBody(request: IncomingMessage, reply: FastifyReply): void {
  const { complete, headers, socket } = request;
  const chunked = headers["transfer-encoding"] !== undefined;
  const length = chunked ? Infinity : Number(headers["content-length"] ?? 0);
  if (complete || length === 0) return;
  // A client that expects a 100 may never send the body it has announced.
  const long = length > MAX_DROPPED_BYTES || headers.expect !== undefined;
  if (long || !keepsConnection(request) || reply.getHeader("connection") === "close") {
    reply.header("connection", "close");
    // A request behind an unread body could be one that the client never meant to send.
    serveNoMore(socket);
    const end = socket.destroySoon.bind(socket);
    // Node calls it as soon as a response with `connection: close` is out.
    socket.destroySoon = () => {
      // The client reads the end of our side without having sent all of its own.
      if (long) socket.end();
      finished(request, { writable: false }, end);
    };
  }
  dropBody(request);
}
