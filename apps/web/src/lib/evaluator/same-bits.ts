import { numbersOf } from "@sepal/schema/prediction-reader";
import type { Prediction } from "../contract-client.ts";
import { isUnanswered } from "../failure.ts";
import type { Answer, Answers, Question, Target } from "../predictor.ts";
import { noteServed, predictHere } from "./page-evaluator.ts";

/** A model whose prediction of this page is not the server's. */
interface Difference {
  readonly model: string;
  readonly here: Prediction;
  readonly there: Prediction;
}

/**
 * What this page computed itself: `unconfirmed` until the server has predicted the row as well, then the `same` bits or
 * `different` ones; `alone` while the server does not respond, `none` where no model is evaluated here.
 */
export type Check =
  | { readonly state: "none" | "unconfirmed" | "same" | "alone" }
  | { readonly state: "different"; readonly difference: Difference };

/** The predictions of a row, and whether page and server agree about them. */
export interface Checked extends Answers {
  readonly check: Check;
}

type Here = readonly (Prediction | undefined)[];

/** What this page computes for each model of a question; `undefined` where it does not. */
export function predictedHere({ contract, features, targets }: Question): Promise<Here> {
  return Promise.all(
    targets.map(async (target) => (await predictHere(contract, target, [features]))?.[0]),
  );
}

/** A prediction of this page in the form of a response. */
function answerHere({ model_name, model_version = "" }: Target, prediction: Prediction): Answer {
  const served = { model_used: model_name, model_version: model_version ?? "" };
  return { ok: true, result: { ...prediction, ...served, processing_time_ms: 0 }, timing: null };
}

/** The predictions of this page alone; `undefined` unless it has one of every model. */
export function answersHere({ features, targets }: Question, here: Here): Checked | undefined {
  const answers = targets.flatMap((target, index) => {
    const prediction = here[index];
    return prediction === undefined ? [] : [answerHere(target, prediction)];
  });
  if (answers.length < targets.length) return undefined;
  return { features, answers, check: { state: "unconfirmed" } };
}

function sameBits(a: Prediction, b: Prediction): boolean {
  const [numbers, others] = [numbersOf(a), numbersOf(b)];
  return (
    ("class" in a ? a.class : null) === ("class" in b ? b.class : null) &&
    numbers.length === others.length &&
    numbers.every((value, index) => Object.is(value, others[index]))
  );
}

/** Compares the server's predictions with the page's, which replace them where the server does not respond. */
export function checked(
  { targets }: Question,
  { features, answers }: Answers,
  here: Here,
): Checked {
  let state: "none" | "same" | "alone" = "none";
  const found: Answer[] = [];
  for (const [index, answer] of answers.entries()) {
    const [target, own] = [targets[index], here[index]];
    found.push(answer);
    if (own === undefined || target === undefined) continue;
    if (answer.ok) {
      const { result } = answer;
      if (!sameBits(own, result)) {
        const difference = { model: target.model_name, here: own, there: result };
        return { features, answers, check: { state: "different", difference } };
      }
      state = "same";
    } else if (isUnanswered(answer.failure)) {
      found[index] = answerHere(target, own);
      state = "alone";
    }
  }
  return { features, answers: found, check: { state } };
}

/** Notes which versions the server chose to predict with, so that this page computes with the same. */
export function noteAnswers({ answers }: Answers, targets: readonly Target[]): void {
  for (const [index, answer] of answers.entries()) {
    const target = targets[index];
    if (!answer.ok || target === undefined || (target.model_version ?? null) !== null) continue;
    noteServed(target.model_name, answer.result.model_version);
  }
}
