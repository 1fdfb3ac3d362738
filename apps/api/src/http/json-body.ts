import type { Readable } from "node:stream";
import { SepalError } from "@sepal/schema/sepal-error";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { overLimit } from "../errors/over-limit.ts";
import { boundStructure } from "./bound-structure.ts";
import { collectBody } from "./collect-body.ts";
import { collectInflated } from "./inflate-body.ts";

/** The request's body as JSON; fails with `malformed_body` where it is empty or no JSON. */
export function readJson({ body }: FastifyRequest): unknown {
  return parseJsonBytes(Buffer.isBuffer(body) ? body : Buffer.alloc(0));
}

/** Bytes as JSON; fails with `malformed_body` where they are none or no JSON, `too_large` where they would take too much memory. */
export function parseJsonBytes(bytes: Buffer): unknown {
  if (bytes.length === 0) throw new SepalError("malformed_body", "the body is empty");
  boundStructure(bytes);
  try {
    // A byte order mark is ignored, as Fetch and so tRPC's own adapter do.
    return JSON.parse(bytes.toString("utf8", bytes[0] === 0xef && bytes[1] === 0xbb ? 3 : 0));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : "";
    throw new SepalError("malformed_body", `the body is not JSON: ${why}`, { cause });
  }
}

async function inflated(payload: Readable, encoding: string, limit: number): Promise<Buffer> {
  return (await collectInflated(payload, encoding, limit)).body;
}

/**
 * Takes JSON bodies and nothing else, as bytes: what is parsed where is the route's choice, and a
 * failure there keeps the connection, which Fastify closes when a parser of its own fails.
 */
export function takeJsonBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", (request: FastifyRequest, payload, done) => {
    const { "content-length": declared, "content-encoding": encoding } = request.headers;
    const { bodyLimit } = request.routeOptions;
    if (Number(declared) > bodyLimit) return done(overLimit("body", bodyLimit));
    if (encoding === undefined) {
      const length = declared === undefined ? undefined : Number(declared);
      return collectBody(payload, bodyLimit, done, { ...(length !== undefined && { length }) });
    }
    return inflated(payload, encoding, bodyLimit);
  });
}
