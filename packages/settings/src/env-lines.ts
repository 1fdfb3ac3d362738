import { parseEnv } from "node:util";
import { meantSetting } from "./misspelled.ts";
import { isOtherVariable } from "./other-variables.ts";
import { SETTINGS } from "./setting-names.ts";

/** A line of a `.env` that sets a variable. */
interface Assignment {
  readonly name: string;
  /** From 1. */
  readonly line: number;
}

/** What is wrong with a line, without any of its text that may be a secret. */
interface LineFault {
  readonly line: number;
  readonly fault: string;
}

const ASSIGNMENT = /^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=([ \t]*)(.*)$/;

/** The first word of a line, whatever follows it. */
const FIRST_WORD = /^\W*(?:export[ \t]+)?([A-Za-z_][\w.-]*)/;

/** The setting that a line means to set, where its first word is one or nearly one. */
export function settingOf(line: string): string | undefined {
  const word = FIRST_WORD.exec(line)?.[1];
  if (word === undefined) return undefined;
  return Object.hasOwn(SETTINGS, word) ? word : meantSetting(word);
}

function noAssignment(text: string): string {
  const meant = settingOf(text);
  return meant === undefined
    ? "it is no assignment such as PORT=8000, no comment and not empty"
    : `it is no assignment; ${meant} is meant: write ${meant}=value`;
}

/** A name as a message may show it: what may be part of a secret is left out. */
function shown(name: string): string {
  return name.length <= 40 ? name : "the name";
}

function unknownName(name: string): string | undefined {
  if (Object.hasOwn(SETTINGS, name) || isOtherVariable(name)) return undefined;
  const meant = meantSetting(name);
  return meant === undefined
    ? `${shown(name)} is no setting; docs/settings.md lists them`
    : `${shown(name)} is no setting; ${meant} is meant`;
}

/** Where a quoted value that begins on a line ends: the line's index, and what follows the quote there. */
function closingQuote(lines: readonly string[], index: number, value: string) {
  const quote = value.slice(0, 1);
  for (let at = index; at < lines.length; at += 1) {
    const text = at === index ? value.slice(1) : (lines[at] ?? "");
    const place = text.indexOf(quote);
    if (place !== -1) return { index: at, after: text.slice(place + 1).trim() };
  }
  return undefined;
}

/** The lines that set a variable, and those that are wrong. */
function scan(text: string): { assignments: Assignment[]; faults: LineFault[] } {
  const lines = text.split(/\r?\n/);
  const assignments: Assignment[] = [];
  const faults: LineFault[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    const content = lines[index] ?? "";
    if (/^\s*(?:#|$)/.test(content)) continue;
    const line = index + 1;
    const report = (fault: string) => faults.push({ line, fault });
    const [, name, space = "", value = ""] = ASSIGNMENT.exec(content) ?? [];
    if (name === undefined) {
      report(noAssignment(content));
      continue;
    }
    const earlier = assignments.find((other) => other.name === name);
    assignments.push({ name, line });
    const unknown = unknownName(name);
    if (unknown !== undefined) report(unknown);
    else if (earlier !== undefined) report(`it sets ${name} again, after line ${earlier.line}`);
    // Node.js would take the next line as the value.
    if (space !== "" && value === "") report(`remove the white space after ${name}=`);
    if (space === "" && value.startsWith("#")) {
      report(`the value of ${name} is a comment; put it into quotes`);
    }
    if (!/^["'`]/.test(value)) continue;
    const end = closingQuote(lines, index, value);
    if (end === undefined) continue;
    if (end.after !== "" && !end.after.startsWith("#")) {
      report(`text follows the closing quote of ${name} in line ${end.index + 1}`);
    }
    index = end.index;
  }
  return { assignments, faults };
}

/** Variables of a `.env`, as Node.js reads them; `faults` has a line for each line that is wrong. */
export function readEnvLines(text: string): {
  readonly variables: Readonly<Record<string, string>>;
  readonly faults: readonly string[];
} {
  const { assignments, faults } = scan(text);
  const variables: Record<string, string> = {};
  for (const [name, value] of Object.entries(parseEnv(text))) variables[name] = value ?? "";
  // What only one of the two finds is read otherwise than it looks.
  const lost = assignments.find(({ name }) => !Object.hasOwn(variables, name));
  if (faults.length === 0 && lost !== undefined) {
    faults.push({
      line: lost.line,
      fault: `${lost.name} is not read; look at the lines before it`,
    });
  }
  return { variables, faults: faults.map(({ line, fault }) => `line ${line}: ${fault}`) };
}
