import type { IncomingMessage } from "node:http";
import { finished } from "node:stream";

/** Has the connection of a last request end only when the client has sent what it began: ending with the answer could lose that. */
export function endOnceSent(request: IncomingMessage): void {
  const { socket } = request;
  const end = socket.destroySoon.bind(socket);
  // Node calls it as soon as an answer with `connection: close` is out.
  socket.destroySoon = () => finished(request, { writable: false }, end);
}
