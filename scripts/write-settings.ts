import { settingsSchema as apiSettings } from "../apps/api/src/settings/settings.ts";
import { settingsSchema as webSettings } from "../apps/web/src/settings.ts";
import { IDENTITY_MISSPELLINGS, OTHER_VARIABLES } from "../packages/settings/src/misspelled.ts";
import { markdownTable, writeGenerated } from "./generated-file.ts";

const HEAD = ["Variable", "Default", "Rule", "Meaning"];

/** The part of a Zod schema that is read here. */
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

/** A default as written in the environment; `meta` overrides it where it depends on the machine. */
function defaultOf(field: Field): string {
  const shown = field.meta()?.["default"];
  if (typeof shown === "string") return shown;
  const value = "defaultValue" in field.def ? field.def.defaultValue : undefined;
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return "none";
  return `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
}

/** The rule, taken from the message for an invalid value unless `meta` has it. */
function ruleOf(field: Field): string {
  const documented = field.meta()?.["rule"];
  if (typeof documented === "string") return documented;
  // Every rule rejects a NUL; a setting without a rule accepts any text.
  const message = field.safeParse("\0").error?.issues[0]?.message ?? "any text";
  return message.replace(/^must be /, "");
}

function table({ shape }: Schema): string {
  const rows = Object.entries(shape).flatMap(([name, field]) => {
    const meaning = field.meta()?.description;
    // Settings of the other app are described in its own table.
    return meaning === undefined
      ? []
      : [[`\`${name}\``, defaultOf(field), ruleOf(field), meaning.replace(/\.$/, "")]];
  });
  return markdownTable(HEAD, rows);
}

/** Names of settings, each with the program it belongs to; HOST and PORT are the API's, which the playground reads too. */
function settingNames(): string {
  const api = Object.keys(apiSettings.shape);
  const web = Object.keys(webSettings.shape).filter((name) => !api.includes(name));
  const lines = [...api.map((name) => [name, "api"]), ...web.map((name) => [name, "playground"])];
  return `/** Every setting and the program that reads it; \`pnpm fix\` writes this file. */
export const SETTINGS: Readonly<Record<string, "api" | "playground">> = {
${lines.map(([name, program]) => `  ${name}: "${program}",`).join("\n")}
};
`;
}

const code = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(", ");

const misspellings = Object.entries(IDENTITY_MISSPELLINGS).map(([setting, names]) => [
  `\`${setting}\``,
  code(names),
]);

const text = `# Settings

Environment variables, or a \`.env\` file in the folder the server starts in; the environment wins, and an empty variable
counts as unset. The server does not start with an invalid value, and names it on standard error. \`pnpm fix\` generates this
file from the two files that read the environment.

## The API

${table(apiSettings)}

## The playground

${table(webSettings)}

## The .env file

A line is \`NAME=value\`, a comment that begins with \`#\`, or empty; \`export\` may precede the name, and a quoted value
may span several lines. API, playground, \`start\`, \`dev\` and the commands for keys, users and models exit with code 1 for each of
these errors, with the line number and the likely setting on standard error:

- the file is unreadable, such as a folder, or not UTF-8 (a byte order mark is an error too)
- a line is not an assignment, such as \`API_KEYS: x\`
- a name is not a setting of API or playground, such as \`API_KEY\` or \`api_keys\`
- a name is set twice, text follows a closing quote, or white space or a comment directly follows \`=\`

A \`.env\` may also have these variables of Node.js, libraries and the deployment; \`*\` is a
wildcard: ${code(OTHER_VARIABLES)}.

## Misspelled variables of the environment

The environment contains variables of many programs, so an unknown name is not an error. A name that resembles a setting
logs a warning at start. If none of \`API_KEYS\`, \`API_KEYS_FILE\`, \`USERS_FILE\` and \`JWT_SECRET\` is set, the API does not
start with one of the following names, in any case and with or without separators: without the intended setting the server
would be open to all callers.

${markdownTable(["Setting", "Misspellings"], misspellings)}
`;

writeGenerated("packages/settings/src/setting-names.ts", settingNames());
writeGenerated("docs/settings.md", text);
