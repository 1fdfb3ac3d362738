import type { Contract } from "@sepal/schema/define-contract";
import { literal } from "../printable.ts";
import { Refusal } from "../refusal.ts";

/** Longest line of the workspace's format. */
const LINE = 100;

function isPlain(value: unknown): value is string | number | boolean | null {
  return value === null || typeof value !== "object";
}

function key(name: string): string {
  return /^[a-z_]\w*$/i.test(name) ? name : literal(name);
}

/** The parts of a value that stand in brackets, each as it is written when it takes one line and when it takes more. */
function inside(value: object, indent: string): string[] {
  if (Array.isArray(value)) return value.map((each) => written(each, "", indent));
  return Object.entries(value)
    .filter(([, each]) => each !== undefined)
    .map(([name, each]) => written(each, `${key(name)}: `, indent));
}

/** A list of numbers, as many on a line as fit. */
function numbers(values: readonly number[], indent: string): string {
  const lines = [""];
  for (const value of values) {
    const last = lines.at(-1) ?? "";
    const longer = last === "" ? `${indent}${value},` : `${last} ${value},`;
    if (longer.length <= LINE) lines[lines.length - 1] = longer;
    else lines.push(`${indent}${value},`);
  }
  return lines.join("\n");
}

/** Whether the formatter gives each element of a list a line of its own. */
function isTall(value: object): boolean {
  if (!Array.isArray(value) || value.length < 2) return false;
  return value.every((each) => typeof each === "object" && Object.keys(each ?? {}).length > 1);
}

/** A value behind what stands before it, as the workspace's formatter has it. */
function written(value: unknown, before: string, indent: string): string {
  if (isPlain(value)) {
    return `${before}${typeof value === "string" ? literal(value) : String(value)}`;
  }
  const object = Object(value);
  const isList = Array.isArray(object);
  const [open, close, gap] = isList ? ["[", "]", ""] : ["{", "}", " "];
  const parts = inside(object, `${indent}  `);
  const line = `${before}${open}${gap}${parts.join(", ")}${gap}${close}`;
  if (!isTall(object) && !line.includes("\n") && indent.length + line.length < LINE) return line;
  const lines =
    isList && object.length > 1 && object.every((each: unknown) => typeof each === "number")
      ? numbers(object, `${indent}  `)
      : parts.map((part) => `${indent}  ${part},`).join("\n");
  return `${before}${open}\n${lines}\n${indent}${close}`;
}

/** File of a contract within `contracts/`. */
export function contractFile(name: string): string {
  return `${name.replaceAll("_", "-")}.ts`;
}

/** TypeScript source of a contract, in the workspace's format. */
export function contractSource(contract: Contract): string {
  const { features, task } = contract;
  const properties = Object.entries(contract).map(([name, value]) => {
    const line = `  ${written(value, `${key(name)}: `, "  ")},`;
    const isLong = typeof value === "string" && line.length > LINE;
    return isLong ? `  ${key(name)}:\n    ${literal(value)},` : line;
  });
  return `${[
    'import { defineContract } from "../define-contract.ts";',
    "",
    // The user's text stays in string literals: in a comment, `*/` would end it.
    `/** Contract of a ${task} from ${features.length} features, made by models:add. */`,
    `export const ${constantName(contract.name)} = defineContract({`,
    ...properties,
    "});",
  ].join("\n")}\n`;
}

/** Name of a contract's constant: `leaf_type` is `leafType`. */
function constantName(name: string): string {
  return name
    .replaceAll(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
    .replaceAll("_", "");
}

/** JavaScript's own words, which cannot name the constant of a contract. */
const RESERVED =
  /^(?:await|break|case|catch|class|const|continue|debugger|default|delete|do|else|enum|export|extends|false|finally|for|function|if|implements|import|in|instanceof|interface|let|new|null|package|private|protected|public|return|static|super|switch|this|throw|true|try|typeof|var|void|while|with|yield|contracts|arguments|eval)$/;

/** Adds a contract to the text of `contracts/index.ts`; the same text where it is listed already. */
export function withContract(index: string, name: string): string {
  const constant = constantName(name);
  if (RESERVED.test(constant)) {
    throw new Refusal(
      `the contract "${name}" would be called ${constant} in TypeScript, which is one of its words; give another --contract-name`,
    );
  }
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
