import { randomUUID } from "node:crypto";
import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { fastapiFace } from "../errors/fastapi-face.ts";
import { SepalError } from "@sepal/schema/sepal-error";

/** Status and words of what Node's HTTP parser refuses, by its code; anything else is malformed. */
const PARSER_ERRORS: Record<string, readonly [status: number, message: string]> = {
  HPE_HEADER_OVERFLOW: [431, "the headers are over the limit"],
  ERR_HTTP_REQUEST_TIMEOUT: [408, "the request did not arrive in time"],
};

/** Answers what is not HTTP in the default form of errors, and closes the connection. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const [status, message] = PARSER_ERRORS[error.code ?? ""] ?? [
    400,
    "the request is not valid HTTP",
  ];
  const requestId = randomUUID();
  const failure = new SepalError("malformed_request", message);
  const { body, contentType } = fastapiFace(failure, { requestId, url: "" });
  const text = JSON.stringify(body);
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n` +
      `x-request-id: ${requestId}\r\ncontent-type: ${contentType}\r\n` +
      `content-length: ${Buffer.byteLength(text)}\r\nconnection: close\r\n\r\n${text}`,
  );
}
