import type { Target } from "./ask-models.ts";
import { credentialHeaders } from "./credentials.ts";

/** Shapley values of one answer: for every class, `base` and the contributions sum to `proba`. */
export interface Explanation {
  readonly proba: readonly number[];
  readonly base: readonly number[];
  /** By feature name, one number a class. */
  readonly contributions: Readonly<Record<string, readonly number[]>>;
}

/** Asks what each feature added to a row's answer; rejects with what went wrong in words. */
export async function explain(
  contract: string,
  request: Target & { readonly features: readonly number[] },
  signal: AbortSignal,
): Promise<Explanation> {
  const response = await fetch(`/api/${contract}/explain`, {
    method: "POST",
    headers: { ...credentialHeaders(), "content-type": "application/json" },
    body: JSON.stringify(request),
    signal,
  });
  if (!response.ok) throw new Error(`The explanation answered ${response.status}.`);
  return await response.json();
}
