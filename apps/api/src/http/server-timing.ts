import type { FastifyInstance } from "fastify";
import type { Lifecycle } from "../lifecycle/lifecycle.ts";
import type { CallContext } from "../operations/operation.ts";

/** `.000` to `.999`: a look-up costs a third of printing a fraction. */
const THOUSANDTHS = Array.from(
  { length: 1000 },
  (_, index) => `.${String(index).padStart(3, "0")}`,
);

/** Milliseconds to the microsecond. */
function milliseconds(value: number): string {
  const microseconds = Math.max(0, Math.round(value * 1000));
  return `${Math.trunc(microseconds / 1000)}${THOUSANDTHS[microseconds % 1000]}`;
}

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
