import { settingsSchema as apiSettings } from "../apps/api/src/settings/settings.ts";
import { settingsSchema as webSettings } from "../apps/web/src/settings.ts";
import { IDENTITY_MISSPELLINGS, OTHER_VARIABLES } from "../packages/settings/src/misspelled.ts";
import { markdownTable, writeGenerated } from "./generated-file.ts";

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
counts as not set. A wrong value stops the start with one line that names it. \`pnpm fix\` writes this file from the two
files that read the environment.

## The API

${table(apiSettings)}

## The playground

${table(webSettings)}

## The .env file

A line is \`NAME=value\`, a comment that begins with \`#\`, or empty; \`export\` may stand before the name, and a value in quotes
may have several lines. API, playground, \`start\`, \`dev\` and the commands on keys, users and models end with exit code 1 and
a line on standard error for each of these, which names the line and the setting that was meant:

- the file cannot be read, such as a folder, or is not UTF-8; a byte order mark counts as that
- a line is no assignment, such as \`API_KEYS: x\`
- a name is no setting of API or playground, such as \`API_KEY\` or \`api_keys\`
- a name is set twice, text follows a closing quote, or white space or a comment stands directly after \`=\` where the value should be

Besides settings a \`.env\` may have these variables, which belong to Node.js, to libraries and to the deployment; \`*\` stands
for the rest of a name: ${code(OTHER_VARIABLES)}.

## Misspelled variables of the environment

An environment has variables of many programs, so an unknown name is no error there. A name that looks like a setting is a
warning at start. Only where neither \`API_KEYS\`, \`API_KEYS_FILE\`, \`USERS_FILE\` nor \`JWT_SECRET\` is set, the following
names end the start of the API, in any case and with or without separators: without the setting that is meant, everybody
would be let in.

${markdownTable(["Meant", "Written, such as"], misspellings)}
`;

writeGenerated("packages/settings/src/setting-names.ts", settingNames());
writeGenerated("docs/settings.md", text);
