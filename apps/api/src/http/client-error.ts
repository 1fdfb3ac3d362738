import { randomUUID } from "node:crypto";
import type { Socket } from "node:net";

const MALFORMED = ["400 Bad Request", "the request is not valid HTTP"] as const;

/** Failures of the HTTP parser that have a status of their own, by Node's code. */
const PARSER_ERRORS: Readonly<Record<string, readonly [status: string, detail: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: ["408 Request Timeout", "the request took too long to arrive"],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ["413 Payload Too Large", "the chunk extensions are too large"],
  HPE_HEADER_OVERFLOW: [
    "431 Request Header Fields Too Large",
    "the head of the request is too large",
  ],
};

/** Connections whose requests may take longer to arrive than others. */
const patient = new WeakSet<Socket>();

/** Exempts the requests of a connection from the time in which others have to arrive; who calls it sees that they do. */
export function takeItsTime(socket: Socket): void {
  patient.add(socket);
}

/** Answers bytes that are no HTTP request in the default face, and closes: nothing after them can be read. */
export function answerMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || socket.destroyed) return;
  if (error.code === "ERR_HTTP_REQUEST_TIMEOUT" && patient.has(socket)) return;
  const [status, detail] = PARSER_ERRORS[error.code ?? ""] ?? MALFORMED;
  const requestId = randomUUID();
  const body = JSON.stringify({ detail, request_id: requestId });
  const head = [
    `HTTP/1.1 ${status}`,
    `x-request-id: ${requestId}`,
    "content-type: application/json; charset=utf-8",
    `content-length: ${body.length}`,
    "connection: close",
  ];
  if (socket.writable) socket.write(`${head.join("\r\n")}\r\n\r\n${body}`);
  socket.destroy(error);
}
