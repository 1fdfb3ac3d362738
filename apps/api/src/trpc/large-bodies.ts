import { contracts, defaultContract } from "@sepal/schema/contracts/index";
import type { Contract } from "@sepal/schema/define-contract";
import type { FastifyRequest } from "fastify";
import { LARGE_BODY_BYTES, type LargeBatchLane } from "../large-batch/large-batch-lane.ts";
import { readRows, weighBody } from "../large-batch/read-body.ts";

/** The contract whose stream a path calls, such as `iris.predictStream`. */
function streamed(path: unknown): Contract | undefined {
  if (path === "predictStream") return defaultContract;
  const all: Record<string, Contract> = contracts;
  return Object.values(all).find(({ name }) => path === `${name}.predictStream`);
}

/** The smallest input that the procedure takes; the rows that count are in the call's context. */
function standIn({ examples: [example] }: Contract): unknown {
  return { rows: [example?.features] };
}

/**
 * Has a worker thread read what the stock adapter would parse on the event loop: the rows of a
 * stream come back packed, and any other body is only let through where parsing it is quick.
 */
export async function readLargeBody(request: FastifyRequest, lane: LargeBatchLane): Promise<void> {
  const { body, call, method, params, url } = request;
  if (method !== "POST" || typeof body !== "string" || body.length < LARGE_BODY_BYTES) return;
  const contract = streamed(Object(params).path);
  const bytes = Buffer.from(body);
  const batched = url.endsWith("?batch=1");
  if (contract === undefined || (url.includes("?") && !batched))
    return weighBody(lane, call, bytes);
  const route = { contract: contract.name, ...(batched && { inputKey: "0" }) };
  call.packed = readRows(lane, call, bytes, route);
  // The procedure tells it.
  call.packed.catch(() => undefined);
  const input = standIn(contract);
  request.body = JSON.stringify(batched ? { 0: input } : input);
}
