import type { ModelCard } from "@sepal/schema/model-card";
import { parseAsString } from "nuqs/server";

/** What the address keeps of the batch view: `model`, and `v` its version. */
export const batchParsers = { model: parseAsString, v: parseAsString };

/** A model of the address with its version, the defaults where a value is missing or wrong. */
export interface BatchChoice {
  readonly card: ModelCard;
  readonly version: string;
  /** What each wrong value is and what is used instead. */
  readonly notices: readonly string[];
}

function quoted(key: string, value: string): string {
  return `“${key}=${value.slice(0, 60)}” in the address`;
}

/** Reads the choice from the values of an address; `undefined` when there are no models at all. */
export function batchChoice(
  cards: readonly ModelCard[],
  { model, v }: { readonly model: string | null; readonly v: string | null },
): BatchChoice | undefined {
  const notices: string[] = [];
  const fallback = cards.find((card) => card.is_default) ?? cards[0];
  const named = cards.find((card) => card.name === model);
  const card = named ?? fallback;
  if (card === undefined) return undefined;
  if (model !== null && named === undefined) {
    notices.push(
      `${quoted("model", model)} is not a model of this server, so ${card.name} is used.`,
    );
  }
  const known = card.versions.some(({ version }) => version === v);
  if (v !== null && !known) {
    notices.push(
      `${quoted("v", v)} is not a version of ${card.name}, so its default version is used.`,
    );
  }
  return { card, version: v !== null && known ? v : card.default_version, notices };
}
