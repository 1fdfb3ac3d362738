import type { EvaluatorModel } from "@sepal/evaluator/evaluator-model";
import type { Contract } from "@sepal/schema/define-contract";
import { MAX_EXACT_FEATURES } from "@sepal/schema/explain";
import { SepalError } from "@sepal/schema/sepal-error";
import { unavailable } from "@sepal/schema/unavailable";
import type { Call } from "../batching/backlog.ts";
import type { RowRunner } from "../batching/chunks.ts";
import { outputsOf, type Attribution, type Outputs } from "./attribution.ts";
import { closedFormCost, explainable, explainInClosedForm } from "./closed-form.ts";
import { affordable, coalitionCost, explainByCoalitions } from "./coalitions.ts";
import { explainBySampling, samplingCost } from "./permutations.ts";

/** Most rows a background holds. */
const MAX_BACKGROUND_ROWS = 500;

/** How many rows are kept of a data set of `total` rows. */
export function backgroundSize(total: number): number {
  return Math.min(total, MAX_BACKGROUND_ROWS);
}

/** An explanation with how long it waited and was computed, in milliseconds. */
export interface Explanation extends Attribution {
  /** When its run began, on the clock of `performance.now()`. */
  readonly startedAt: number;
  readonly queueMs: number;
}

/** Float32 outputs carry 7 digits: what is beyond the ninth is noise of their sums. */
function rounded(value: number): number {
  if (!Number.isFinite(value))
    throw new SepalError("internal", "the model returned no finite number");
  const scale = 10 ** (9 - Math.max(0, Math.ceil(Math.log10(Math.abs(value) || 1))));
  // Adding 0 makes a negative zero a plain one.
  return Math.round(value * scale) / scale + 0;
}

function roundedAttribution(attribution: Attribution): Attribution {
  const { base, contributions, standardError } = attribution;
  const each = (numbers: number[]) => numbers.map(rounded);
  return {
    ...attribution,
    base: each(base),
    contributions: contributions.map(each),
    ...(standardError && { standardError: standardError.map(each) }),
  };
}

/** A way to explain one row, and what it costs in rows of the model. */
interface Plan {
  readonly cost: number;
  readonly run: () => Promise<Attribution>;
}

/** Up to so many rows every coalition is taken though there is a closed form: it explains the float32 outputs themselves. */
const FEW_ROWS = 10_000;

/** Most rows of explanations that wait or run, half a second of a forest of 50 trees. */
const MAX_WAITING_ROWS = 1_000_000;

/** Explains the predictions of one model, one at a time, so that predictions wait for no more than one of its executions. */
export class Explainer {
  readonly #runner: RowRunner;
  readonly #outputs: Outputs;
  readonly #readClosedForm: () => EvaluatorModel | undefined;
  #closedForm: { readonly model: EvaluatorModel | undefined } | undefined;
  #rows = 0;
  #last: Promise<unknown> = Promise.resolve();

  /** `closedForm` gives `undefined` where the model is neither trees nor linear. */
  constructor(runner: RowRunner, contract: Contract, closedForm: () => EvaluatorModel | undefined) {
    this.#runner = { ...runner, lane: "explain" };
    this.#outputs = outputsOf(contract);
    this.#readClosedForm = closedForm;
  }

  /** Every coalition where that is cheap, a closed form where there is one, and else a sample. */
  #plan(row: readonly number[], rows: readonly (readonly number[])[], call: Call): Plan {
    const runner = this.#runner;
    const outputs = this.#outputs;
    const { length } = row;
    const coalitions = () => {
      const background = affordable(rows, length);
      return {
        cost: coalitionCost(length, background.length),
        run: () => explainByCoalitions(runner, outputs, row, background, call),
      };
    };
    if (length <= MAX_EXACT_FEATURES && coalitionCost(length, rows.length) <= FEW_ROWS) {
      return coalitions();
    }
    const otherwise =
      length <= MAX_EXACT_FEATURES
        ? coalitions()
        : {
            cost: samplingCost(length, rows.length),
            run: () => explainBySampling(runner, outputs, row, rows, call),
          };
    this.#closedForm ??= { model: explainable(this.#readClosedForm(), length) };
    const { model } = this.#closedForm;
    if (model === undefined) return otherwise;
    return {
      cost: closedFormCost(length, rows.length),
      run: async () =>
        (await explainInClosedForm(runner, outputs, model, row, rows, call)) ?? otherwise.run(),
    };
  }

  /** Explains one row; fails with `unavailable` when too much waits already. */
  async explain(
    row: readonly number[],
    background: readonly (readonly number[])[],
    call: Call,
  ): Promise<Explanation> {
    const { model, observer } = this.#runner;
    const { cost, run } = this.#plan(row, background, call);
    if (this.#rows + cost > MAX_WAITING_ROWS) {
      observer.rejected("queue_full");
      throw unavailable(`too many explanations of ${model} wait`, { reason: "queue_full" });
    }
    this.#rows += cost;
    const since = performance.now();
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = promise;
    try {
      await before;
      const startedAt = performance.now();
      const queueMs = startedAt - since;
      return { ...roundedAttribution(await run()), startedAt, queueMs };
    } finally {
      this.#rows -= cost;
      resolve();
    }
  }
}
