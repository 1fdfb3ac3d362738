import type { IncomingMessage } from "node:http";

/** Longest time a refused body is still read, in milliseconds. */
const READ_ON_MS = 5000;

/**
 * Reads and forgets what a client still sends of a refused body: closing at once would reset the
 * connection under a client that is writing, and the reply would never be read.
 */
export function readOn(request: IncomingMessage, milliseconds = READ_ON_MS): void {
  request.unpipe();
  request.resume();
  if (request.complete) return;
  const overdue = setTimeout(() => request.destroy(), milliseconds);
  request.once("close", () => clearTimeout(overdue));
}
