import type { FastifyInstance } from "fastify";

/** A prediction's body takes 200 bytes; the main thread reads 64 KiB of the worst JSON in 3 ms, 16 MiB in 1.4 s. */
const MAX_SINGLE_BODY_BYTES = 65_536;

/** Route option: the largest body of one prediction, in bytes; never more than the server takes at all. */
export function singleBodyLimit({ initialConfig }: FastifyInstance): { bodyLimit: number } {
  return { bodyLimit: Math.min(initialConfig.bodyLimit ?? Infinity, MAX_SINGLE_BODY_BYTES) };
}
