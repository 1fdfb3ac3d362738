import { SepalError } from "@sepal/schema/sepal-error";

/** Whether the deadline has passed or would pass while the work waits, the client is told the same. */
export const DEADLINE_MESSAGE = "the deadline passed before the work was run";

/** What a caller may give along with rows. */
export interface Call {
  /** True for the server's own checks, which metrics leave out. */
  readonly probe?: boolean | undefined;
  /** Whether the client is gone; asked before each run. */
  readonly cancelled?: (() => boolean) | undefined;
  /** On the clock of `performance.now()`, in milliseconds. */
  deadline?: number | undefined;
}

/** Why a call need not be run any more, or `undefined` while somebody waits for it. */
export function abandoned(call: Call, now: number): SepalError | undefined {
  if (call.cancelled?.() === true) return new SepalError("cancelled", "the client is gone");
  if (call.deadline !== undefined && now >= call.deadline) {
    return new SepalError("deadline_exceeded", DEADLINE_MESSAGE);
  }
  return undefined;
}
