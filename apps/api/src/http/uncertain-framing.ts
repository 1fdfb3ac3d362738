import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { SepalError } from "@sepal/schema/sepal-error";

const uncertain = new WeakSet<Socket>();

/** Whether there ever was one: until then a request costs one comparison. */
let some = false;

/**
 * Whether a request, or one before it on its connection, does not tell for certain where it ends: chunks in HTTP/1.0,
 * which its proxies do not know and take for the next request (RFC 9112, 6.1).
 */
export function isUncertain({ httpVersionMinor, headers, socket }: IncomingMessage): boolean {
  if (httpVersionMinor === 0 && headers["transfer-encoding"] !== undefined) {
    uncertain.add(socket);
    some = true;
  }
  return some && uncertain.has(socket);
}

/** What is answered to such a request. */
export function uncertainFraming(): SepalError {
  return new SepalError("malformed_request", "chunks need HTTP/1.1");
}
