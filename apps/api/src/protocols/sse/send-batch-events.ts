import { finished, Readable } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import { renderError } from "../../errors/faces.ts";
import { toSepalError } from "../../errors/to-sepal-error.ts";
import type { BatchStream } from "../../operations/predict-stream.ts";
import { batchEvents } from "./batch-events.ts";
import { withHeartbeat } from "./with-heartbeat.ts";

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

/** Answers with a batch's events as the client reads them; what fails before the first is thrown. */
export async function sendBatchEvents<C extends readonly string[]>(
  request: FastifyRequest,
  reply: FastifyReply,
  stream: BatchStream<C>,
): Promise<FastifyReply> {
  const open: AsyncGenerator = stream;
  finished(reply.raw, () => void open.return(undefined));
  const first = await stream.next();
  const events = batchEvents(first, stream, (thrown) => {
    const error = toSepalError(thrown);
    if (error.code === "internal") request.failure = error.cause ?? error;
    const echoInput = request.call.services.settings.ECHO_INPUT;
    const failed = { requestId: request.id, url: request.raw.url ?? "/", echoInput };
    return renderError(error, failed, request.headers.accept).body;
  });
  const body = Readable.from(withHeartbeat(events, HEARTBEAT, HEARTBEAT_MS), { highWaterMark: 1 });
  return reply.headers(HEADERS).send(body);
}
