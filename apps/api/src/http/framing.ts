import type { IncomingMessage } from "node:http";
import { SepalError } from "@sepal/schema/sepal-error";
import type { Socket } from "node:net";

/** A host with or without port (RFC 3986, 3.2.2 and 3.2.3); never empty, as that of an http URI (RFC 9110, 4.2.1). */
const HOST =
  /^(?:(?:[\w\-.~!$&'()*+,;=]|%[\da-f]{2})+|\[(?:[\da-f:.]+|v[\da-f]+\.[\w\-.~!$&'()*+,;=:]+)\])(?::\d{0,5})?$/i;

/** The last one found valid: almost every request has the same. */
let known = "";

function isTwice(rawHeaders: readonly string[]): boolean {
  let seen = false;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length !== 4 || name.toLowerCase() !== "host") continue;
    if (seen) return true;
    seen = true;
  }
  return false;
}

/** What is wrong with a request's `Host` (RFC 9112, 3.2): a proxy before could take another host for it than is taken here. */
export function hostFault(request: IncomingMessage): SepalError | undefined {
  const { host } = request.headers;
  if (host === undefined) {
    if (request.httpVersionMinor === 0) return undefined;
    return new SepalError("malformed_request", "HTTP/1.1 needs a Host header");
  }
  // Of two, `headers` has the first alone.
  if (isTwice(request.rawHeaders)) {
    return new SepalError("malformed_request", "there should be one Host header");
  }
  if (host !== known) {
    if (!HOST.test(host)) return new SepalError("malformed_request", "the Host header is invalid");
    known = host;
  }
  return undefined;
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
 * Whether a request, or one before it on its connection, does not tell for certain where it ends: chunks in HTTP/1.0,
 * which its proxies do not know and take for the next request (RFC 9112, 6.1).
 */
export function isUncertain({ httpVersionMinor, headers, socket }: IncomingMessage): boolean {
  if (httpVersionMinor === 0 && headers["transfer-encoding"] !== undefined) {
    serveNoMore(socket);
  }
  return some && uncertain.has(socket);
}

/** What is answered to such a request. */
export function uncertainFraming(): SepalError {
  return new SepalError("malformed_request", "chunks need HTTP/1.1");
}
