import type { Contract } from "@sepal/schema/define-contract";
import { featureVector } from "@sepal/schema/feature-schema";
import { validationDetail } from "@sepal/schema/validation-detail";

/** Why a row cannot be predicted. */
export interface RowProblem {
  /** Index of the feature that breaks a rule; `null` when the whole row does. */
  readonly feature: number | null;
  /** The rule in words, the server's own. */
  readonly reason: string;
}

/** A row held against the contract: the features to send, or what is wrong. */
export type CheckedRow =
  | { readonly features: readonly number[]; readonly problems: null }
  | { readonly features: null; readonly problems: readonly RowProblem[] };

/** The contract's own rules for one row of values in the features' order. */
export function rowRules(contract: Contract): (values: readonly unknown[]) => CheckedRow {
  const schema = featureVector(contract);
  return (values) => {
    const parsed = schema.safeParse(values);
    if (parsed.success) return { features: [...parsed.data], problems: null };
    const { entries } = validationDetail(parsed.error.issues, values);
    const problems = entries.map(({ loc, msg }) => {
      const place = loc[1];
      return { feature: typeof place === "number" ? place : null, reason: msg };
    });
    return { features: null, problems };
  };
}
