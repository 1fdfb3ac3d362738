import { lstatSync, readFileSync } from "node:fs";
import { readEnvLines, settingOf } from "./env-lines.ts";
import { SettingsError } from "./settings-error.ts";

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
