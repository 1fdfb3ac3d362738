import type { ModelRegistry } from "@sepal/model/repository/registry";
import type { Contract } from "@sepal/schema/define-contract";
import type { Exchange } from "../../http/exchange.ts";
import { boundStructure } from "../../http/json.ts";
import { LARGE_BODY_BYTES, type BatchWorkers } from "../../batch-workers/batch-workers.ts";
import { pathOf } from "./json-adapter.ts";

/** The contract whose stream a path calls, such as `iris.predictStream`. */
function streamed(path: string, { contracts, rootContract }: ModelRegistry): Contract | undefined {
  if (path === "predictStream") return rootContract;
  const [name = "", procedure] = path.split(".");
  return procedure === "predictStream" ? contracts.get(name) : undefined;
}

/** The smallest input that the procedure takes; the rows that count are in the call's context. */
function standIn({ examples: [example] }: Contract): unknown {
  return { rows: [example?.features] };
}

/**
 * The body as the stock adapter is to parse it. A worker thread reads a large one first: the rows of a stream come
 * back packed, and any other is let through only where parsing it is quick. Without threads, it has the bound
 * that every other body has.
 */
export async function readLargeBody(
  exchange: Exchange,
  workers: BatchWorkers | undefined,
  body: Buffer,
): Promise<string> {
  const { call, url } = exchange;
  const text = body.toString();
  if (body.length < LARGE_BODY_BYTES) return text;
  if (workers === undefined) {
    boundStructure(body);
    return text;
  }
  const contract = streamed(pathOf(exchange), call.services.registry);
  const batched = url.endsWith("?batch=1");
  if (contract === undefined || (url.includes("?") && !batched)) {
    await workers.weigh(call, body);
    return text;
  }
  const route = { contract: contract.name, ...(batched && { inputKey: "0" }) };
  call.packed = workers.readRows(call, body, route);
  // The procedure reports it.
  call.packed.catch(() => undefined);
  const input = standIn(contract);
  return JSON.stringify(batched ? { 0: input } : input);
}
