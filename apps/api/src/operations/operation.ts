import { SepalError } from "@sepal/schema/sepal-error";
import { validationDetail } from "@sepal/schema/validation-detail";
import * as z from "zod";
import type { ModelRegistry } from "@sepal/model/repository/registry";
import type { ServedModel } from "@sepal/model/served-model";
import type { Prediction } from "@sepal/model/session/decode";
import { defaultContract } from "@sepal/schema/contracts/index";
import type { Contract, FeatureSpec } from "@sepal/schema/define-contract";
import type { ModelChoice } from "@sepal/schema/predict";
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

/** Why the default model cannot serve the default contract although it is loaded, or `null` where it can. */
export function defaultModelFault(registry: ModelRegistry): string | null {
  const { defaultModel } = registry;
  const contract = registry.get(defaultModel)?.file?.contract;
  if (contract === undefined || contract === defaultContract.name) return null;
  return `DEFAULT_MODEL is "${defaultModel}", which serves the contract ${contract}, not ${defaultContract.name}`;
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
  // The default contract has the default model and no other in its place.
  const isDefault = contract.name === defaultContract.name;
  const name = model_name ?? (isDefault ? undefined : registry.firstOf(contract.name));
  const model = registry.resolve(name ?? undefined, model_version ?? undefined);
  if (model.contract.name !== contract.name) {
    // Nothing that the client named: the server is set up wrongly.
    if (name === undefined || name === null) {
      const reason = defaultModelFault(registry) ?? "it serves another contract";
      throw new SepalError("unavailable", reason, { headers: { "retry-after": "60" } });
    }
    const msg = `Model "${model.name}" serves the contract ${model.contract.name}, not ${contract.name}`;
    throw invalidField(["body", "model_name"], msg, model.name);
  }
  return model;
}

/** A prediction with the label of its class, as responses show it. */
export function labelled<const C extends readonly string[]>(
  contract: Contract<readonly FeatureSpec[], C>,
  prediction: Prediction,
) {
  const label: C[number] | undefined = contract.classes[prediction.class];
  if (label === undefined) throw new SepalError("internal", "the model answered an unknown class");
  const { proba, confidence } = prediction;
  return { class: prediction.class, label, proba, confidence };
}

/** Milliseconds since the request was read, to the microsecond. */
export function processingTime(context: CallContext): number {
  return Math.round((performance.now() - context.arrived) * 1000) / 1000;
}

/** Notes what an operation did; of the calls of one batch the rows add up, and the longest times count. */
export function noteServed(context: { served: Served | undefined }, served: Served): void {
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
