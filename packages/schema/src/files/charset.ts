import { SepalError } from "../sepal-error.ts";
import type { Charset } from "../predict-file.ts";
import { forms, type ByteString } from "./bytes.ts";

const { byteString, bytesOf, decodeUtf8, encodeUtf8, isUtf8 } = forms;

const ASCII = /^[\0-\x7f]*$/;

const WINDOWS = new TextDecoder("windows-1252");

/** Bytes that Windows-1252 gives no character. */
const UNASSIGNED = /[\x81\x8d\x8f\x90\x9d]/;

/** The byte of each character of Windows-1252 beyond ASCII. */
const WINDOWS_BYTES = new Map(
  Array.from({ length: 128 }, (_, index) => {
    const byte = String.fromCharCode(128 + index);
    return [WINDOWS.decode(bytesOf(byte)), byte] as const;
  }).filter(([, byte]) => !UNASSIGNED.test(byte)),
);

/** The text that bytes stand for. */
export function decode(bytes: ByteString, charset: Charset): string {
  if (ASCII.test(bytes)) return bytes;
  return charset === "utf-8" ? decodeUtf8(bytes) : WINDOWS.decode(bytesOf(bytes));
}

/** The bytes of a text; a character that the charset lacks becomes `?`. */
export function encode(text: string, charset: Charset): ByteString {
  if (ASCII.test(text)) return text;
  if (charset === "utf-8") return encodeUtf8(text);
  return Array.from(text, (character) =>
    ASCII.test(character) ? character : (WINDOWS_BYTES.get(character) ?? "?"),
  ).join("");
}

/** A value as JSON; a character that the charset lacks is escaped. */
export function encodeJson(value: unknown, charset: Charset): ByteString {
  const text = JSON.stringify(value);
  if (charset === "utf-8" || canEncode(text, charset)) return encode(text, charset);
  return text
    .split("")
    .map((unit) => {
      if (canEncode(unit, charset)) return encode(unit, charset);
      return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
    })
    .join("");
}

/** Whether every character of a text has bytes in the charset. */
export function canEncode(text: string, charset: Charset): boolean {
  return decode(encode(text, charset), charset) === text;
}

function isValid(bytes: Uint8Array, charset: Charset): boolean {
  return charset === "utf-8" ? isUtf8(bytes) : !UNASSIGNED.test(byteString(bytes));
}

/** Index of the first byte that is not in the charset, in bytes that hold such a byte. */
function firstInvalid(bytes: Uint8Array, charset: Charset): number {
  if (charset !== "utf-8") return byteString(bytes).search(UNASSIGNED);
  // All before it is valid, and so the longest valid beginning is found by halves. One that ends inside a character
  // is no valid beginning: the last three bytes are looked at one by one.
  let good = 0;
  let bad = bytes.length;
  const isGood = (end: number) =>
    [0, 1, 2, 3].some((less) => end >= less && isUtf8(bytes.subarray(0, end - less)));
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (isGood(middle)) good = middle;
    else bad = middle;
  }
  for (let end = good; ; end -= 1) if (isUtf8(bytes.subarray(0, end))) return end;
}

/** Where bytes stand in their file. */
interface Place {
  /** Lines before them. */
  readonly lines: number;
  /** Bytes before them. */
  readonly offset: number;
}

/** Line ends in bytes: LF, CR LF or CR alone. */
export function countLines(bytes: Uint8Array): number {
  let lines = 0;
  for (const [index, byte] of bytes.entries()) {
    if (byte === 0x0a || (byte === 0x0d && bytes[index + 1] !== 0x0a)) lines += 1;
  }
  return lines;
}

/** Fails with `invalid_input` where bytes are not in the charset, with line and byte of the first such place. */
export function checkCharset(bytes: Uint8Array, charset: Charset, place: Place): void {
  if (isValid(bytes, charset)) return;
  const index = firstInvalid(bytes, charset);
  const line = place.lines + countLines(bytes.subarray(0, index)) + 1;
  const byte = place.offset + index + 1;
  const found = `0x${(bytes[index] ?? 0).toString(16).padStart(2, "0").toUpperCase()}`;
  const remedy =
    charset === "utf-8" && isValid(bytes, "windows-1252")
      ? "; it looks like Windows-1252: pass charset=windows-1252"
      : "";
  const name = charset === "utf-8" ? "UTF-8" : "Windows-1252";
  const msg = `the file is not ${name}: line ${line}, byte ${byte} of the file is ${found}${remedy}`;
  const entries = [{ type: "string_unicode", loc: ["body", "line", line], msg, input: found }];
  throw new SepalError("invalid_input", msg, { validation: { entries, total: 1 } });
}
