import { SepalError } from "@sepal/schema/sepal-error";
import { unavailable } from "@sepal/schema/unavailable";
import { validationDetail } from "@sepal/schema/validation-detail";
import * as z from "zod";
import type { ServedModel } from "@sepal/model/served-model";
import type { Contract } from "@sepal/schema/define-contract";
import type { ModelChoice, PredictionOf } from "@sepal/schema/predict";
import type { CallContext, Served } from "../context.ts";

/** One thing the server does: schemas and a plain function, which every protocol wraps. */
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

/** Reads a query; fails as {@link parseInput} does, with places that begin with `query`. */
export function parseQuery<I>(schema: z.ZodType<I>, query: unknown): I {
  try {
    return parseInput(schema, query);
  } catch (error) {
    if (!(error instanceof SepalError) || error.validation === undefined) throw error;
    const { total } = error.validation;
    const entries = error.validation.entries.map((entry) => ({
      ...entry,
      loc: ["query", ...entry.loc.slice(1)],
    }));
    const message = error.message.replace(/^body/, "query");
    throw new SepalError("invalid_input", message, { validation: { entries, total } });
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

const CHOICES = new Set([
  "model_name",
  "model_version",
  "batch_size",
  "strict",
  "spreadsheet",
  "charset",
]);

/** Whether a name is one by which a request chooses: in a place where it is not read it is an error, and not ignored. */
export function isChoice(name: string): boolean {
  return CHOICES.has(name);
}

/**
 * The model a request asks for.
 *
 * Fails with `not_found`, `unavailable`, or `invalid_input` when the model serves another contract.
 */
export function selectModel(
  contract: Contract,
  { model_name, model_version }: ModelChoice,
  { services }: Pick<CallContext, "services">,
): ServedModel {
  const { registry } = services;
  const name = model_name ?? registry.defaultOf(contract.name);
  if (name === undefined && registry.undecided !== null) throw unavailable(registry.undecided);
  if (name === undefined) {
    throw new SepalError("not_found", `no model serves the contract "${contract.name}"`);
  }
  const model = registry.resolve(name, model_version ?? undefined);
  if (model.contract.name !== contract.name) {
    const msg = `Model "${model.name}" serves the contract ${model.contract.name}, not ${contract.name}`;
    throw invalidField(["body", "model_name"], msg, model.name);
  }
  if (model.contract !== contract) {
    throw unavailable(`the contract ${contract.name} was changed`, { retryS: 1 });
  }
  return model;
}

/** A model's prediction as one of the contract that the model was selected for. */
export function predictionOf<C extends Contract>(
  _contract: C,
  prediction: PredictionOf<Contract>,
): PredictionOf<C> {
  // `selectModel` gives no model of another contract.
  return prediction as PredictionOf<C>;
}

/** Milliseconds since the request was read, to the microsecond. */
export function processingTime(context: CallContext): number {
  return Math.round((performance.now() - context.arrived) * 1000) / 1000;
}

/** When the run of an operation ended, on the clock of `performance.now()`. */
function endOf({ startedAt = 0, computeMs = 0 }: Served): number {
  return startedAt + computeMs;
}

/** Notes what an operation did; of the calls of one batch the rows add up, and the times are those of the one that ended last. */
export function noteServed(context: { served: Served | undefined }, served: Served): void {
  const before = context.served;
  if (before === undefined) {
    context.served = served;
    return;
  }
  const { startedAt, queueMs, computeMs } = endOf(before) > endOf(served) ? before : served;
  context.served = {
    ...served,
    rows: before.rows + served.rows,
    startedAt,
    queueMs,
    computeMs,
    totalMs: undefined,
    cached: before.cached === "miss" ? "miss" : served.cached,
  };
}
