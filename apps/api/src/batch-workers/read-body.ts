import type { CallContext } from "../context.ts";
import type { PackedBatch } from "../context.ts";
import type { BatchRoute } from "./batch-route.ts";
import type { LargeBatchLane } from "./large-batch-lane.ts";
import { ownBytes } from "../http/own-bytes.ts";

/** Has a thread read a batch whose rows the main thread runs; fails as the operation does on a bad one. */
export async function readRows(
  lane: LargeBatchLane,
  call: CallContext,
  body: Buffer,
  { contract, lenient = false, inputKey }: BatchRoute,
): Promise<PackedBatch> {
  const job = { kind: "readRows" as const, contract, lenient, inputKey, body: ownBytes(body) };
  const answer = await lane.read(call, job);
  if (answer.kind === "readRows") return answer;
  throw new Error("the thread answered another job");
}

/** Fails with `malformed_body` or `too_large` where parsing a body on the main thread would hold the event loop. */
export async function weighBody(
  lane: LargeBatchLane,
  call: CallContext,
  body: Buffer,
): Promise<void> {
  await lane.read(call, { kind: "weigh", body: ownBytes(body) });
}
