import type { Contract, FeatureSpec, NumberDomain } from "@sepal/schema/define-contract";
import { contracts } from "@sepal/schema/contracts/index";
import { featureVector } from "@sepal/schema/feature-schema";
import { validationDetail } from "@sepal/schema/validation-detail";
import { literal } from "../printable.ts";
import { Refusal } from "../refusal.ts";
import type { TrainingTable } from "../table/training-table.ts";

/** A contract as data. */
export interface ContractData {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly features: readonly FeatureSpec[];
  readonly classes: readonly string[];
  readonly domain: NumberDomain;
  readonly examples: readonly { readonly name: string; readonly features: readonly number[] }[];
}

/** Longest line of the workspace's format. */
const LINE = 100;

/** A list on one line where it fits, else an element a line, as the formatter has it. */
function list(
  before: string,
  elements: readonly string[],
  indent: string,
  brackets = "[]",
): string {
  const [open = "", close = ""] = brackets;
  const gap = brackets === "{}" ? " " : "";
  const line = `${indent}${before}${open}${gap}${elements.join(", ")}${gap}${close},`;
  if (line.length <= LINE) return line;
  return [
    `${indent}${before}${open}`,
    ...elements.map((each) => `${indent}  ${each},`),
    `${indent}${close},`,
  ].join("\n");
}

/** A list of numbers, as many on a line as fit. */
function numbers(before: string, values: readonly number[], indent: string): string {
  const line = `${indent}${before}[${values.join(", ")}],`;
  if (line.length <= LINE) return line;
  const lines = [""];
  for (const value of values) {
    const last = lines.at(-1) ?? "";
    const longer = last === "" ? `${indent}  ${value},` : `${last} ${value},`;
    if (longer.length <= LINE) lines[lines.length - 1] = longer;
    else lines.push(`${indent}  ${value},`);
  }
  return [`${indent}${before}[`, ...lines, `${indent}],`].join("\n");
}

function property(name: string, text: string): string {
  const line = `  ${name}: ${literal(text)},`;
  return line.length <= LINE ? line : `  ${name}:\n    ${literal(text)},`;
}

/** File of a contract within `contracts/`. */
export function contractFile(name: string): string {
  return `${name.replaceAll("_", "-")}.ts`;
}

/** TypeScript source of a contract, in the workspace's format. */
export function contractSource(contract: ContractData): string {
  const { name, title, description, features, classes, domain, examples } = contract;
  const fields = features.flatMap((feature) =>
    list(
      "",
      [
        `name: ${literal(feature.name)}`,
        `label: ${literal(feature.label)}`,
        `unit: ${literal(feature.unit)}`,
      ],
      "    ",
      "{}",
    ),
  );
  const rows = examples.flatMap((example) => [
    "    {",
    `      name: ${literal(example.name)},`,
    numbers("features: ", example.features, "      "),
    "    },",
  ]);
  return `${[
    'import { defineContract } from "../define-contract.ts";',
    "",
    // The user's text stays in string literals: in a comment, `*/` would end it.
    `/** Contract of ${features.length} features and ${classes.length} classes, made by models:add. */`,
    `export const ${constantName(name)} = defineContract({`,
    `  name: ${literal(name)},`,
    property("title", title),
    property("description", description),
    '  task: "classification",',
    "  features: [",
    ...fields,
    "  ],",
    list("classes: ", classes.map(literal), "  "),
    `  domain: ${literal(domain)},`,
    "  examples: [",
    ...rows,
    "  ],",
    "});",
  ].join("\n")}\n`;
}

/** Name of a contract's constant: `leaf_type` is `leafType`. */
function constantName(name: string): string {
  return name
    .replaceAll(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
    .replaceAll("_", "");
}

/** Adds a contract to the text of `contracts/index.ts`; the same text where it is listed already. */
export function withContract(index: string, name: string): string {
  const constant = constantName(name);
  const line = `import { ${constant} } from "./${contractFile(name)}";\n`;
  if (index.includes(line)) return index;
  if (new RegExp(`^import \\{ ${constant} \\} from`, "m").test(index)) {
    throw new Refusal(
      `the contract "${name}" would be called ${constant} in TypeScript, as another one is; give another --contract-name`,
    );
  }
  const found = /^export const contracts = \{([^}]*)\};$/m.exec(index);
  const imports = [...index.matchAll(/^import .*;\n/gm)];
  const last = imports.at(-1);
  if (found === null || last === undefined) {
    throw new Refusal(
      "packages/schema/src/contracts/index.ts has no list `export const contracts = { … };` to add a line to",
    );
  }
  const entry = constant === name ? name : `${name}: ${constant}`;
  const entries = [
    ...(found[1] ?? "")
      .split(",")
      .map((each) => each.trim())
      .filter((each) => each !== ""),
    entry,
  ];
  const short = `export const contracts = { ${entries.join(", ")} };`;
  const long = `export const contracts = {\n${entries.map((each) => `  ${each},\n`).join("")}};`;
  const end = last.index + last[0].length;
  const listed = index.replace(found[0], () => (short.length <= LINE ? short : long));
  return listed.slice(0, end) + line + listed.slice(end);
}

const compiled: Readonly<Record<string, Contract>> = contracts;

/** Names that a router or an object already has, or that a route of the server begins with. */
const TAKEN =
  /^(?:constructor|prototype|then|apply|call|bind|name|length|toString|valueOf|predict|explain|models|jobs|health|metrics|docs|redoc|openapi|trpc|login|admin|v\d+)$/i;

/** JavaScript's own words, which cannot name the constant of a contract. */
const RESERVED =
  /^(?:await|break|case|catch|class|const|continue|debugger|default|delete|do|else|enum|export|extends|false|finally|for|function|if|implements|import|in|instanceof|interface|let|new|null|package|private|protected|public|return|static|super|switch|this|throw|true|try|typeof|var|void|while|with|yield|contracts|arguments|eval)$/;

interface Wanted {
  readonly table: TrainingTable;
  readonly classes: readonly string[];
}

function sameNames(contract: Contract, { table, classes }: Wanted): boolean {
  const features = (of: readonly { readonly name: string }[]) =>
    of.map(({ name }) => name).join("\n");
  return (
    features(contract.features) === features(table.features) &&
    contract.classes.join("\n") === classes.join("\n")
  );
}

/** A contract of the server with the same features and classes in the same order. */
export function findContract(wanted: Wanted, name: string | undefined): Contract | undefined {
  const all = Object.values(compiled);
  return all.find((each) => (name === undefined || each.name === name) && sameNames(each, wanted));
}

/** Refuses a name for a new contract that is none, or that another contract has. */
export function requireFreeName(name: string, { table, classes }: Wanted, force: boolean): void {
  const constant = constantName(name);
  if (!/^[a-z][a-z0-9_]*$/.test(name) || TAKEN.test(name) || RESERVED.test(constant)) {
    throw new Refusal(
      `the contract cannot be called "${name}": a name is snake_case, is no word of TypeScript and begins no route of the server; give one with --contract-name`,
    );
  }
  const other = Object.hasOwn(compiled, name) ? compiled[name] : undefined;
  if (other === undefined || force) return;
  throw new Refusal(
    `there is a contract "${name}" with other names: its features are ${other.features.map((feature) => feature.name).join(", ")} and its classes ${other.classes.join(", ")}; the data has ${table.features.map((feature) => feature.name).join(", ")} and ${classes.join(", ")}. Give another --contract-name, or rename the columns`,
  );
}

/** Refuses rows that break the contract's rule for numbers, with the place. */
export function requireRows(
  contract: Contract,
  { features, rows }: TrainingTable,
  path: string,
): void {
  const schema = featureVector(contract);
  for (const [row, values] of rows.entries()) {
    const parsed = schema.safeParse(values);
    if (parsed.success) continue;
    const [entry] = validationDetail(parsed.error.issues, values).entries;
    const column = features[Number(entry?.loc[1])]?.heading ?? "";
    throw new Refusal(
      `${path}: row ${row + 1}, column "${column}", holds ${String(entry?.input)}: ${entry?.msg}, as the contract ${contract.name} has it (domain: ${contract.domain})`,
    );
  }
}
