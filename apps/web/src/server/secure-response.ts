import { ServerResponse, type OutgoingHttpHeader, type OutgoingHttpHeaders } from "node:http";

/** Headers of every response whose route has not set them. */
const DEFAULTS = new Map([
  ["cross-origin-opener-policy", "same-origin"],
  ["cross-origin-resource-policy", "same-origin"],
  ["permissions-policy", "camera=(), microphone=(), geolocation=()"],
  ["referrer-policy", "same-origin"],
  ["x-content-type-options", "nosniff"],
  ["x-frame-options", "DENY"],
]);

const CLOSED_POLICY = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'";

/** Scripts of the build: a worker has the policy of its file, and loads the file's parts and calls the API. */
const BUILD_POLICY =
  "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

type Headers = OutgoingHttpHeaders | OutgoingHttpHeader[];

/**
 * A response that has the security headers whatever Next.js does: they are set as the head is written, because Next.js
 * drops a header of a route that is set before, such as the API's policy for its documentation.
 */
export class SecureResponse extends ServerResponse {
  override writeHead(status: number, reason?: string | Headers, headers?: Headers): this {
    for (const [name, value] of DEFAULTS) {
      if (!this.hasHeader(name)) this.setHeader(name, value);
    }
    if (!this.hasHeader("content-security-policy")) {
      const isBuild = this.req.url?.startsWith("/_next/") === true;
      this.setHeader("content-security-policy", isBuild ? BUILD_POLICY : CLOSED_POLICY);
    }
    if (typeof reason === "string") return super.writeHead(status, reason, headers);
    return super.writeHead(status, reason ?? headers);
  }
}
