import type { InferenceResult, InferenceSession } from "./inference-session.ts";

/** A result with the clock readings around the computation, in milliseconds of `performance.now()`. */
export interface TimedResult extends InferenceResult {
  readonly started: number;
  readonly ended: number;
}

/** Runs rows and times the computation alone, without the event-loop turn that ONNX Runtime waits for it. */
export async function timedRun(
  session: InferenceSession,
  features: Float32Array,
  width: number,
): Promise<TimedResult> {
  let started = 0;
  // ONNX Runtime computes in an immediate of its own; this one is queued just before it.
  setImmediate(() => {
    started = performance.now();
  });
  const { classes, proba } = await session.run(features, width);
  return { classes, proba, started, ended: performance.now() };
}
