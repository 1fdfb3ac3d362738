import { Readable } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Contract } from "@sepal/schema/define-contract";
import type { PredictBatchRequest } from "@sepal/schema/predict";
import type * as z from "zod";
import type { BatchRoute } from "../../batch-workers/worker-jobs.ts";
import type { BatchWorkers } from "../../batch-workers/batch-workers.ts";
import { preference } from "../../media-ranges.ts";
import { toSepalError } from "../../errors/failures.ts";
import { readJson } from "../../http/json.ts";
import { renderFailure } from "../../http/error-handler.ts";
import type { Exchange } from "../../http/exchange.ts";
import type { JsonHandler } from "../../http/route-table.ts";
import { parseInput } from "../../operations/operation.ts";
import {
  packedRequest,
  predictStream,
  streamRequest,
  type BatchEnd,
  type BatchProgress,
  type BatchStream,
} from "../../operations/predict-stream.ts";

/**
 * Whether an `accept` header asks for events rather than JSON (RFC 9110, 12.5.1): it weighs them
 * higher, or as high and names them more specifically; otherwise JSON is the default.
 */
export function acceptsEvents(accept: string | undefined): boolean {
  if (accept === undefined || !accept.toLowerCase().includes("text/")) return false;
  const events = preference(accept, "text/event-stream");
  const json = preference(accept, "application/json");
  if (events.quality !== json.quality) return events.quality > json.quality;
  return events.quality > 0 && events.specific > json.specific;
}

/**
 * Passes a stream's items on and gives `beat` whenever the next one takes longer than
 * `milliseconds`; while no item is asked for, nothing runs and nothing beats.
 */
export async function* withHeartbeat<T>(
  stream: AsyncIterator<T, void, void>,
  beat: T,
  milliseconds: number,
): AsyncGenerator<T, void, void> {
  let pending = stream.next();
  for (;;) {
    const { promise: due, resolve } = Promise.withResolvers<"due">();
    const timer = setTimeout(resolve, milliseconds, "due");
    const first = await Promise.race([pending, due]).finally(() => clearTimeout(timer));
    if (first === "due") {
      yield beat;
    } else {
      if (first.done === true) return;
      yield first.value;
      pending = stream.next();
    }
  }
}

/** Most predictions that are written as text at once. */
const WRITTEN_ROWS = 1000;

/** One event whose data is a JSON value; JSON text has no line breaks. */
function event(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** A `progress` event in parts, with other work in between. */
async function* progressEvent<C extends Contract>({
  predictions,
  ...progress
}: BatchProgress<C>): AsyncGenerator<string, void, void> {
  let text = `event: progress\ndata: ${JSON.stringify(progress).slice(0, -1)},"predictions":[`;
  for (let row = 0; row < predictions.length; row += WRITTEN_ROWS) {
    if (row > 0) {
      yield `${text},`;
      await nextTurn();
      text = "";
    }
    text += JSON.stringify(predictions.slice(row, row + WRITTEN_ROWS)).slice(1, -1);
  }
  yield `${text}]}\n\n`;
}

/** The text of a batch's server-sent events; a failure becomes the last one, with the body that `errorBody` gives. */
async function* batchEvents<C extends Contract>(
  first: IteratorResult<BatchProgress<C>, BatchEnd>,
  stream: BatchStream<C>,
  errorBody: (error: unknown) => unknown,
): AsyncGenerator<string, void, void> {
  try {
    let next = first;
    while (next.done !== true) {
      yield* progressEvent(next.value);
      next = await stream.next();
    }
    yield event("done", next.value);
  } catch (error) {
    yield event("error", errorBody(error));
  }
}

/** Longest silence of a stream, in milliseconds. */
const HEARTBEAT_MS = 15_000;

/** A comment, which clients skip. */
const HEARTBEAT = ": still there\n\n";

/** `no-transform` and the last one keep proxies from collecting the events. */
const HEADERS = {
  "content-type": "text/event-stream",
  "cache-control": "no-store, no-transform",
  vary: "accept",
  "x-accel-buffering": "no",
};

/** The events of a batch, made as the client reads them; what fails before the first is thrown. */
async function eventsOf<C extends Contract>(
  exchange: Exchange,
  stream: BatchStream<C>,
): Promise<Readable> {
  const open: AsyncGenerator = stream;
  exchange.response.once("close", () => void open.return(undefined));
  const first = await stream.next();
  const events = batchEvents(first, stream, (thrown) => {
    const error = toSepalError(thrown);
    if (error.code === "internal") exchange.failure = error.cause ?? error;
    return renderFailure(error, exchange).body;
  });
  exchange.setHeaders(HEADERS);
  return Readable.from(withHeartbeat(events, HEARTBEAT, HEARTBEAT_MS), { highWaterMark: 1 });
}

interface BatchHandlerOptions {
  readonly workers: BatchWorkers | undefined;
  readonly route: BatchRoute;
}

/**
 * Wraps the handler of a batch route: clients who ask for events get those, and a large batch goes to a worker thread
 * as it is, since parsing it would hold the event loop.
 */
export function batchHandler<C extends Contract>(
  contract: C,
  input: z.ZodType<PredictBatchRequest<C>>,
  { workers, route }: BatchHandlerOptions,
) {
  return (small: JsonHandler): JsonHandler =>
    async (exchange) => {
      const { call, body, headers } = exchange;
      const large = workers?.takes(exchange) === true;
      if (!acceptsEvents(headers.accept)) {
        return large ? workers.respond(exchange, route) : small(exchange);
      }
      const asked =
        large && body !== undefined
          ? packedRequest(contract, await workers.readRows(call, body, route))
          : streamRequest(contract, parseInput(input, readJson(exchange)));
      return eventsOf(exchange, predictStream(contract, asked, call));
    };
}
