import { promisify } from "node:util";
import { constants, deflate, gzip } from "node:zlib";
import type { FastifyReply, FastifyRequest } from "fastify";
import { pacedStream } from "../http/response-streams.ts";
import type { InferResponse } from "../operations/infer/infer-response.ts";

/** Responses below this length are sent as they are: compressed they would not be shorter on the wire. */
const LEAST_COMPRESSED_BYTES = 1024;

const COMPRESSORS = { gzip: promisify(gzip), deflate: promisify(deflate) };

/** The compression that a client asks for, or `undefined` where it asks for none that there is. */
function acceptedCompression(header: string | undefined): keyof typeof COMPRESSORS | undefined {
  if (header === undefined) return undefined;
  const weights = new Map<string, number>();
  for (const item of header.toLowerCase().split(",")) {
    const [coding = "", ...parameters] = item.split(";").map((text) => text.trim());
    const weight = parameters.find((text) => text.startsWith("q="));
    weights.set(coding, weight === undefined ? 1 : Number(weight.slice(2)) || 0);
  }
  const weightOf = (coding: string) => weights.get(coding) ?? weights.get("*") ?? 0;
  const best = weightOf("deflate") > weightOf("gzip") ? "deflate" : "gzip";
  return weightOf(best) > 0 ? best : undefined;
}

/** Sends an inference response: JSON, or JSON and bytes; compressed where the client asks for it. */
export async function sendInfer(
  { headers }: FastifyRequest,
  reply: FastifyReply,
  { parts, headerLength }: InferResponse,
): Promise<FastifyReply> {
  const length = parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
  reply.header("vary", "accept-encoding");
  if (headerLength === undefined) reply.header("content-type", "application/json");
  else {
    reply.header("content-type", "application/octet-stream");
    reply.header("inference-header-content-length", headerLength);
  }
  const coding = acceptedCompression(headers["accept-encoding"]);
  if (coding !== undefined && length >= LEAST_COMPRESSED_BYTES) {
    const body = await COMPRESSORS[coding](Buffer.concat(parts), {
      level: constants.Z_BEST_SPEED,
    });
    return reply.header("content-encoding", coding).send(body);
  }
  if (parts.length === 1 || length < 65_536) return reply.send(Buffer.concat(parts));
  return reply.header("content-length", length).send(pacedStream(parts));
}
