import type { ErrorCode } from "@sepal/schema/error-codes";
import type { SepalError } from "@sepal/schema/sepal-error";
import type { IncomingMessage } from "node:http";
import { finished } from "node:stream";
import { randomUUID } from "node:crypto";
import type { Socket } from "node:net";
import { renderError } from "../errors/error-formats.ts";
import { toSepalError } from "../errors/failures.ts";
import { serveNoMore, type Exchange } from "./exchange.ts";

/** Failures after which a client may still be sending its body: the response has a `connection` header. */
const BODY_UNREAD: ReadonlySet<ErrorCode> = new Set([
  "too_large",
  "unauthorized",
  "forbidden",
  "too_many_requests",
  "unavailable",
]);

/** A failure in the error format of its route, or in the one that the client asks for. */
export function renderFailure(error: SepalError, exchange: Exchange) {
  const { id: requestId, url, route, call, headers } = exchange;
  const echoInput = call.services.settings.ECHO_INPUT;
  return renderError(
    error,
    { requestId, url, format: route.rules.format, echoInput },
    headers.accept,
  );
}

/** Sets what a failure has in the head of its response and returns its body, in the format that fits. */
export function failureBody(thrown: unknown, exchange: Exchange): string {
  const error = toSepalError(thrown);
  if (error.code === "internal") exchange.failure = error.cause ?? error;
  // A file that is rejected while it arrives keeps its connection; one whose framing is not certain ends at once.
  if (exchange.getHeader("connection") !== "keep-alive" && error.code !== "malformed_request") {
    leaveBody(exchange);
  }
  if (BODY_UNREAD.has(error.code) && exchange.getHeader("connection") === undefined) {
    exchange.header("connection", keepsConnection(exchange.raw) ? "keep-alive" : "close");
  }
  const { status, contentType, vary, body } = renderFailure(error, exchange);
  if (vary !== undefined) exchange.header("vary", vary);
  exchange.code(status).setHeaders(error.headers).header("content-type", contentType);
  return JSON.stringify(body);
}

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
function keepsConnection({ httpVersionMinor, headers }: IncomingMessage): boolean {
  return httpVersionMinor > 0 && headers.connection?.toLowerCase().includes("close") !== true;
}

/**
 * Decides what becomes of a connection whose request is rejected before its body is there: it lasts where the body
 * is short, and otherwise ends with the response, after a grace in which the client can read it (RFC 9112, 9.6).
 */
function leaveBody(exchange: Exchange): void {
  const { raw: request } = exchange;
  const { complete, headers, socket } = request;
  const chunked = headers["transfer-encoding"] !== undefined;
  const length = chunked ? Infinity : Number(headers["content-length"] ?? 0);
  if (complete || length === 0) return;
  // A client that expects a 100 may never send the body it has announced.
  const long = length > MAX_DROPPED_BYTES || headers.expect !== undefined;
  if (long || !keepsConnection(request) || exchange.getHeader("connection") === "close") {
    exchange.header("connection", "close");
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

/** Exempts the requests of a connection from the time in which others have to arrive; the caller sets a timeout of its own. */
export function takeItsTime(socket: Socket): void {
  patient.add(socket);
}

/** Responds to bytes that are no HTTP request in the default format, and closes: nothing after them can be read. */
export function sendMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
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
