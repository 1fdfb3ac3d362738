import type { FastifyInstance } from "fastify";
import type { Lifecycle } from "../lifecycle.ts";
import { milliseconds } from "../observability/logs/milliseconds.ts";
import type { CallContext } from "../context.ts";

/** `Server-Timing` of a prediction that is about to be answered; `undefined` where nothing was computed for it. */
export function serverTiming({
  served,
  arrived,
}: Pick<CallContext, "served" | "arrived">): string | undefined {
  if (served?.queueMs === undefined || served.computeMs === undefined) return undefined;
  const { queueMs, computeMs, totalMs } = served;
  const total = milliseconds(totalMs ?? performance.now() - arrived);
  return `queue;dur=${milliseconds(queueMs)}, compute;dur=${milliseconds(computeMs)}, total;dur=${total}`;
}

/** Adds to every reply what only its end knows: where the time went, and whether the connection ends. */
export function completeReplies(app: FastifyInstance, lifecycle: Lifecycle): void {
  app.addHook("onSend", (request, reply, _payload, done) => {
    const { call } = request;
    if (call?.served !== undefined) {
      const timing = serverTiming(call);
      if (timing !== undefined) reply.header("server-timing", timing);
      if (call.served.cached !== undefined) reply.header("x-cache", call.served.cached);
    }
    if (lifecycle.closing) reply.header("connection", "close");
    done();
  });
}
