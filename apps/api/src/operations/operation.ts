import type { Call } from "@sepal/model/call";
import { SepalError } from "@sepal/schema/sepal-error";
import { validationDetail } from "@sepal/schema/validation-detail";
import * as z from "zod";
import type { PackedBatch } from "./packed-batch.ts";
import type { CacheResult } from "../response-cache/predict-cached.ts";
import type { Services } from "../services.ts";

/** What an operation did, for the log line and the headers of its request. */
export interface Served {
  model: string;
  version: string;
  rows: number;
  /** When the run began, on the clock of `performance.now()`; 0 where nothing ran. */
  startedAt?: number | undefined;
  /** When the wait began, where it did not end with the run's begin. */
  queuedAt?: number | undefined;
  /** Wait before the run, in milliseconds. */
  queueMs?: number | undefined;
  /** Duration of the run, in milliseconds. */
  computeMs?: number | undefined;
  /** From the reading of the request to the answer, in milliseconds; absent, it is still running. */
  totalMs?: number | undefined;
  /** Whether the answer was kept; absent where nothing is. */
  cached?: CacheResult | undefined;
}

/** One call of an operation, whichever face it came through. */
export interface CallContext extends Call {
  readonly requestId: string;
  readonly services: Services;
  /** When the request was read, on the clock of `performance.now()`. */
  readonly arrived: number;
  /** Who calls, such as `key:nightly`; absent where nobody has to say so. */
  caller: string | undefined;
  /** The batch of a stream, where it is read elsewhere than in the call's own input. */
  packed?: Promise<PackedBatch> | undefined;
  /** Filled in by the operation. */
  served: Served | undefined;
}

/** One thing the server does: schemas and a plain function, which every face wraps. */
export interface Operation<I, O> {
  readonly input: z.ZodType<I>;
  readonly output: z.ZodType<O>;
  run(input: I, context: CallContext): O | Promise<O>;
}

/**
 * Reads an operation's input; fails with `invalid_input` and every broken rule.
 *
 * Not by `safeParse`: V8 would keep what a failed one allocates until the next full collection, 1 KB a request (record 26).
 */
export function parseInput<I>(schema: z.ZodType<I>, input: unknown): I {
  try {
    return schema.parse(input);
  } catch (error) {
    if (error instanceof z.ZodError) throw invalidInput(error, input);
    throw error;
  }
}

/** The failure of an input that breaks its schema. */
export function invalidInput(error: z.ZodError, input: unknown): SepalError {
  const validation = validationDetail(error.issues, input);
  const { msg = "the input is invalid", loc = [] } = validation.entries[0] ?? {};
  const cut = validation.cut === true ? ` (checking stopped after ${validation.total} errors)` : "";
  return new SepalError("invalid_input", `${loc.join(".")}: ${msg}${cut}`, { validation });
}

/** The failure of one field that is well-formed but not allowed here. */
export function invalidField(
  loc: readonly (string | number)[],
  msg: string,
  input: unknown,
): SepalError {
  const entries = [{ type: "value_error", loc, msg, input }];
  return new SepalError("invalid_input", `${loc.join(".")}: ${msg}`, {
    validation: { entries, total: 1 },
  });
}

/** Notes what an operation did; of the calls of one batch the rows add up, and the longest times count. */
export function noteServed(context: CallContext, served: Served): void {
  const before = context.served;
  context.served =
    before === undefined
      ? served
      : {
          ...served,
          rows: before.rows + served.rows,
          startedAt: Math.max(before.startedAt ?? 0, served.startedAt ?? 0),
          queueMs: Math.max(before.queueMs ?? 0, served.queueMs ?? 0),
          computeMs: Math.max(before.computeMs ?? 0, served.computeMs ?? 0),
          totalMs: undefined,
          cached: before.cached === "miss" ? "miss" : served.cached,
        };
}

/** Milliseconds since the request was read, to the microsecond. */
export function processingTime(context: CallContext): number {
  return Math.round((performance.now() - context.arrived) * 1000) / 1000;
}
