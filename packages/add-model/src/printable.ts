/** What steers a terminal, or makes a text look other than it is: control, direction and line separator characters. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A text with such characters written as escapes that JavaScript and TypeScript read; line breaks stay where `lines` says so. */
function escaped(text: string, lines: boolean): string {
  return text.replaceAll(INVISIBLE, (character) =>
    lines && character === "\n" ? character : `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}

/** A text for a terminal, whatever the table and the model call things. */
export function printable(text: string): string {
  return escaped(text, true);
}

/** A string literal of JavaScript in which every character can be seen. */
export function literal(text: string): string {
  return escaped(JSON.stringify(text), false);
}
