import { settingsSchema as apiSettings } from "../apps/api/src/settings.ts";
import { settingsSchema as webSettings } from "../apps/web/src/settings.ts";
import { writeGenerated } from "./generated-file.ts";
import { markdownTable } from "./markdown-table.ts";

const HEAD = ["Variable", "Default", "Rule", "Meaning"];

/** What is asked of a Zod schema. */
interface Field {
  readonly def: object;
  meta(): { readonly description?: string; readonly [key: string]: unknown } | undefined;
  safeParse(value: unknown): {
    readonly error?: { readonly issues: readonly { readonly message: string }[] } | undefined;
  };
}

interface Schema {
  readonly shape: Readonly<Record<string, Field>>;
}

/** A default as it would be written into the environment; `meta` says it where it depends on the machine. */
function defaultOf(field: Field): string {
  const shown = field.meta()?.["default"];
  if (typeof shown === "string") return shown;
  const value = "defaultValue" in field.def ? field.def.defaultValue : undefined;
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return "none";
  return `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
}

/** The rule in the words of the message that a wrong value gets, unless `meta` has it. */
function ruleOf(field: Field): string {
  const said = field.meta()?.["rule"];
  if (typeof said === "string") return said;
  // No setting takes a NUL, and what refuses none takes any text.
  const message = field.safeParse("\0").error?.issues[0]?.message ?? "any text";
  return message.replace(/^must be /, "");
}

function table({ shape }: Schema): string {
  const rows = Object.entries(shape).flatMap(([name, field]) => {
    const meaning = field.meta()?.description;
    // What belongs to the other app is described there.
    return meaning === undefined
      ? []
      : [[`\`${name}\``, defaultOf(field), ruleOf(field), meaning.replace(/\.$/, "")]];
  });
  return markdownTable(HEAD, rows);
}

const text = `# Settings

Environment variables, or a \`.env\` file in the folder the server starts in; the environment wins, and an empty variable
counts as not set. A wrong value stops the start with one line that names it. \`pnpm fix\` writes this file from the two
files that read the environment.

## The API

${table(apiSettings)}

## The playground

${table(webSettings)}
`;

writeGenerated("docs/settings.md", text);
