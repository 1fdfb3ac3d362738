import type { Contract } from "@sepal/schema/define-contract";
import type { ModelCard } from "@sepal/schema/model-card";
import { createParser, parseAsArrayOf, parseAsString, parseAsStringLiteral } from "nuqs/server";
import { featureProblem } from "./feature-range.ts";
import { SNIPPET_LANGUAGES } from "./snippets.ts";

/** Most models beside the one a page is about. */
export const MAX_COMPARED = 2;

function featuresParser(contract: Contract) {
  return createParser<number[]>({
    parse(text) {
      const values = text.split(",").map((part) => (part.trim() === "" ? NaN : Number(part)));
      if (values.length !== contract.features.length) return null;
      return values.some((value) => featureProblem(contract.domain, value) !== null)
        ? null
        : values;
    },
    serialize: (values) => values.join(","),
    eq: (a, b) => a.join() === b.join(),
  });
}

/** What the address keeps of the view: `f` features, `v` version, `with` compared models, `x` and `y` axes, `code` snippet. */
export function explorerParsers(contract: Contract, card: ModelCard, cards: readonly ModelCard[]) {
  const names = contract.features.map((feature) => feature.name);
  const versions = card.versions.map(({ version }) => version);
  const others = cards
    .filter((other) => other.contract === card.contract && other.name !== card.name)
    .map(({ name }) => name);
  // The last two features: for iris the petal, which tells the species apart.
  const [y = names[0] ?? "", x = names[0] ?? ""] = names.toReversed();
  return {
    f: featuresParser(contract).withDefault([...contract.examples[0].features]),
    v: parseAsStringLiteral(versions),
    with: parseAsArrayOf(parseAsStringLiteral(others)).withDefault([]),
    x: parseAsStringLiteral(names).withDefault(x),
    y: parseAsStringLiteral(names).withDefault(y),
    code: parseAsStringLiteral(SNIPPET_LANGUAGES).withDefault("curl"),
  };
}

/** Values of an address by key; a repeated key keeps its first value. */
export type SearchParams = Readonly<Record<string, string | string[] | undefined>>;

/** What each wrong value of an address is and what is shown instead; empty when all are good. */
export function addressNotices(
  parsers: ReturnType<typeof explorerParsers>,
  search: SearchParams,
  { contract, card }: { readonly contract: Contract; readonly card: ModelCard },
): string[] {
  const instead: Record<keyof typeof parsers, string> = {
    f: `is not ${contract.features.length} numbers that ${contract.title} takes, so ${contract.examples[0].name} is shown`,
    v: `is not a version of ${card.name}, so its default version answers`,
    with: "names a model that cannot be compared here, so it is left out",
    x: "is not a feature, so the usual axis is shown",
    y: "is not a feature, so the usual axis is shown",
    code: "is not a language of the snippets, so curl is shown",
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

function isGood(parsers: ReturnType<typeof explorerParsers>, key: string, text: string): boolean {
  if (key === "with") {
    const given = parseAsArrayOf(parseAsString).parse(text) ?? [];
    const known = parsers.with.parse(text) ?? [];
    return known.length === given.length && given.length <= MAX_COMPARED;
  }
  const parser = Reflect.get(parsers, key) as { parse(text: string): unknown };
  return parser.parse(text) !== null;
}
