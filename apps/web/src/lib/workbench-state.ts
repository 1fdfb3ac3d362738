import {
  classLabels,
  textFeature,
  type Contract,
  type FeatureInput,
} from "@sepal/schema/define-contract";
import type { ModelCard } from "@sepal/schema/model-card";
import { asList } from "@sepal/schema/row-encoding";
import { createParser, parseAsArrayOf, parseAsString, parseAsStringLiteral } from "nuqs/server";
import { isNumeric } from "./feature-range.ts";
import { readRow, sameRow, writeRow } from "./row.ts";
import { SNIPPET_LANGUAGES } from "./snippets.ts";

/** The views of a prediction, in the order of their tabs. */
const VIEWS = [
  "why",
  "boundary",
  "what-if",
  "counterfactual",
  "search",
  "data",
  "request",
  "code",
] as const;

/** See {@link VIEWS}. */
export type View = (typeof VIEWS)[number];

const OF_TABLES: readonly View[] = VIEWS.filter((view) => view !== "search");

/** The views of a contract: a text is one feature, so that nothing of it can be drawn, and an embedding searches. */
export function viewsOf(contract: Contract): readonly [View, ...View[]] {
  if (textFeature(contract) === undefined) return ["why", ...OF_TABLES.slice(1)];
  return contract.task === "embedding" ? ["search", "request", "code"] : ["request", "code"];
}

/** Most models beside the one a page is about. */
export const MAX_COMPARED = 2;

function featuresParser(contract: Contract) {
  return createParser<FeatureInput[]>({
    parse: (text) => readRow(contract, text),
    serialize: writeRow,
    eq: sameRow,
  });
}

/**
 * What the address keeps: `f` features, `v` version, `with` compared models, `tab` the view, `of` the compared model that
 * it is about, `x` and `y` axes (`null` for those with the largest effect), `t` the target that plots show, `to` the class
 * of a counterfactual (`null` for any other), `code` snippet.
 */
export function workbenchParsers(contract: Contract, card: ModelCard, cards: readonly ModelCard[]) {
  const axes = contract.features.filter(isNumeric).map(({ name }) => name);
  const targets = contract.task === "regression" ? contract.targets.map(({ name }) => name) : [];
  const views = viewsOf(contract);
  const versions = card.versions.map(({ version }) => version);
  const others = cards
    .filter((other) => other.contract === card.contract && other.name !== card.name)
    .map(({ name }) => name);
  return {
    f: featuresParser(contract).withDefault([...asList(contract, contract.examples[0].features)]),
    v: parseAsStringLiteral(versions),
    with: parseAsArrayOf(parseAsStringLiteral(others)).withDefault([]),
    tab: parseAsStringLiteral(views).withDefault(views[0]),
    of: parseAsStringLiteral(others),
    x: parseAsStringLiteral(axes),
    y: parseAsStringLiteral(axes),
    t: parseAsStringLiteral(targets).withDefault(targets[0] ?? ""),
    to: parseAsStringLiteral(classLabels(contract)),
    code: parseAsStringLiteral(SNIPPET_LANGUAGES).withDefault("client"),
  };
}

/** Values of an address by key; a repeated key keeps its first value. */
export type SearchParams = Readonly<Record<string, string | string[] | undefined>>;

/** What each wrong value of an address is and what is shown instead; empty when all are good. */
export function addressNotices(
  parsers: ReturnType<typeof workbenchParsers>,
  search: SearchParams,
  { contract, card }: { readonly contract: Contract; readonly card: ModelCard },
): string[] {
  const values = contract.features.every(isNumeric) ? "numbers" : "values";
  const instead: Record<keyof typeof parsers, string> = {
    f: `is not ${contract.features.length} ${values} that ${contract.title} takes, so ${contract.examples[0].name} is shown`,
    v: `is not a version of ${card.name}, so its default version is used`,
    with: "names a model that cannot be compared here, so it is left out",
    tab: "is not a view, so Why is shown",
    of: `is not a model that is compared here, so the views are about ${card.name}`,
    x: "is not a feature with numbers, so the usual axis is shown",
    y: "is not a feature with numbers, so the usual axis is shown",
    t: "is not a target, so the first one is shown",
    to: "is not a class, so any other class is looked for",
    code: "is not a language of the snippets, so the client is shown",
  };
  return Object.entries(instead).flatMap(([key, what]) => {
    const given = search[key];
    const text = Array.isArray(given) ? given[0] : given;
    if (text === undefined) return [];
    return isGood(parsers, key, text)
      ? []
      : [`“${key}=${text.slice(0, 60)}” in the address ${what}.`];
  });
}

function isGood(parsers: ReturnType<typeof workbenchParsers>, key: string, text: string): boolean {
  if (key === "with") {
    const given = parseAsArrayOf(parseAsString).parse(text) ?? [];
    const known = parsers.with.parse(text) ?? [];
    return known.length === given.length && given.length <= MAX_COMPARED;
  }
  const parser = Reflect.get(parsers, key) as { parse(text: string): unknown };
  return parser.parse(text) !== null;
}
