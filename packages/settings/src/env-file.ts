import { lstatSync, readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { SettingsError } from "./settings-error.ts";
import { isOtherVariable, meantSetting } from "./misspelled.ts";
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
function settingOf(line: string): string | undefined {
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
function readEnvLines(text: string): {
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

const SAVE_AS = "save it as UTF-8 without a byte order mark";

/** The first setting that the text means to set, in words. */
function unreadSetting(text: string): string {
  for (const line of text.split(/\r\n?|\n/)) {
    const setting = /^\s*#/.test(line) ? undefined : settingOf(line);
    if (setting !== undefined) return `, so ${setting} would not be read`;
  }
  return "";
}

function isUtf16(bytes: Buffer): boolean {
  const [first, second] = bytes;
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
}

/** Number of the line in which the first byte that is not UTF-8 stands, and that byte. */
function firstBadByte(bytes: Buffer): { line: number; byte: string } {
  let start = 0;
  for (let line = 1; ; line += 1) {
    const end = bytes.indexOf(0x0a, start);
    const part = bytes.subarray(start, end === -1 ? undefined : end);
    const decoded = part.toString("utf8");
    const written = Buffer.from(decoded);
    const place = part.findIndex((byte, index) => byte !== written[index]);
    if (place !== -1 || end === -1) {
      const byte = (part[Math.max(0, place)] ?? 0).toString(16).toUpperCase().padStart(2, "0");
      return { line, byte: `0x${byte}` };
    }
    start = end + 1;
  }
}

/** The file's text; fails where it is not UTF-8, with the setting that would be lost. */
function decode(path: string, bytes: Buffer): string {
  const nul = bytes.indexOf(0);
  if (isUtf16(bytes) || nul !== -1) {
    // In which order is not known without a mark; of ASCII the zero bytes can be left out.
    const text = bytes
      .toString("latin1")
      .replaceAll("\0", "")
      .replace(/^(?:ÿþ|þÿ)/, "");
    throw new SettingsError([
      `${path} line 1: the file is UTF-16${unreadSetting(text)}; ${SAVE_AS}`,
    ]);
  }
  const text = bytes.toString("utf8");
  if (text.startsWith("\uFEFF")) {
    const lost = unreadSetting(text.slice(1));
    throw new SettingsError([`${path} line 1: the file has a byte order mark${lost}; ${SAVE_AS}`]);
  }
  if (!bytes.equals(Buffer.from(text))) {
    const { line, byte } = firstBadByte(bytes);
    const setting = settingOf(text.split("\n")[line - 1] ?? "");
    const where = setting === undefined ? "" : `, in ${setting}`;
    throw new SettingsError([
      `${path} line ${line}: the byte ${byte}${where} is not UTF-8; ${SAVE_AS}`,
    ]);
  }
  return text;
}

function bytesOf(path: string): Buffer | undefined {
  try {
    // A link to nothing is no absent file.
    lstatSync(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw new SettingsError([`${path} cannot be read: ${reasonOf(error)}`]);
  }
  try {
    return readFileSync(path);
  } catch (error) {
    throw new SettingsError([
      `${path} cannot be read: ${reasonOf(error)}; it should be a text file`,
    ]);
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "code" in error && error.code === "EISDIR" ? "it is a folder" : error.message;
}

/**
 * The variables of a `.env`, none where there is no such file. Fails with a `SettingsError` where the file cannot be
 * read, is not UTF-8, has a line that is no assignment or a name that is no setting: whatever is not understood could
 * be a key, without which the server would let everybody in.
 */
export function readEnvFile(path: string): Readonly<Record<string, string>> {
  const bytes = bytesOf(path);
  if (bytes === undefined) return {};
  const text = decode(path, bytes);
  if (/\r(?!\n)/.test(text)) {
    throw new SettingsError([
      `${path}: a carriage return without a line feed ends no line; ${SAVE_AS}`,
    ]);
  }
  const { variables, faults } = readEnvLines(text);
  if (faults.length > 0) throw new SettingsError(faults.map((fault) => `${path} ${fault}`));
  return variables;
}

/** Adds the variables of a `.env` to an environment, which wins. */
export function addEnvFile(path: string, environment: NodeJS.ProcessEnv): void {
  for (const [name, value] of Object.entries(readEnvFile(path))) environment[name] ??= value;
}
