import { expect } from "vitest";
import { asShown, lasting, tokensOf } from "./as-shown.ts";
import { shownCommands, type CodeBlock } from "./code-blocks.ts";
import type { Reader } from "./reader.ts";

/** Commands that may be given once only; what others print is asked for until it is as shown. */
const CHANGES = /\/jobs.* --data|models:add|score |keys:|users:/;
const LONGEST = 10_000;

const PROGRAMS: Readonly<Record<string, (name: string) => string>> = {
  ts: (name) => `${process.execPath} ${name}`,
  js: (name) => `${process.execPath} ${name}`,
  python: (name) => `python3 ${name}`,
};

/** Whether a language's blocks are programs that can be run. */
export function isProgram(language: string): boolean {
  return language in PROGRAMS;
}

/** The name of the file that a program of a page becomes. */
export function programFile({ line, language }: CodeBlock): string {
  const ending = { ts: "ts", js: "mjs", python: "py" }[language] ?? language;
  return `program/line-${line}.${ending}`;
}

/** A program's text; one of TypeScript without imports goes on where those before it ended. */
export function programText(block: CodeBlock, page: readonly CodeBlock[]): string {
  if (block.language !== "ts" || /^import /m.test(block.text)) return block.text;
  const before = page.filter(({ language, line }) => language === "ts" && line < block.line);
  return [...before, block].map(({ text }) => text).join("\n");
}

/** Gives the commands of a `console` block and holds what they print against what is shown. */
export async function runConsole(
  block: CodeBlock,
  reader: Reader,
  tokens: Map<string, string>,
): Promise<void> {
  for (const { command, output } of shownCommands(block)) {
    const real = [...tokens].reduce(
      (text, [shown, token]) => text.replaceAll(shown, token),
      command,
    );
    const end = performance.now() + LONGEST;
    let { code, text } = await reader.run(real);
    while (asShown(output, text) !== lasting(output) && !CHANGES.test(real)) {
      if (performance.now() > end) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
      ({ code, text } = await reader.run(real));
    }
    expect(asShown(output, text), real).toBe(lasting(output));
    expect(code, real).toBe(0);
    for (const [shown, token] of tokensOf(output, text)) tokens.set(shown, token);
  }
}

/** Runs a `sh` block as one script, which must end well. */
export async function runScript({ text, prints }: CodeBlock, reader: Reader): Promise<void> {
  const outcome = await reader.run(text);
  expect(outcome.code, outcome.text).toBe(0);
  if (prints !== undefined) expect(asShown(prints, outcome.text)).toBe(lasting(prints));
}

/** Runs a program of a page against the reader's server. */
export async function runProgram(
  block: CodeBlock,
  page: readonly CodeBlock[],
  reader: Reader,
): Promise<void> {
  const name = programFile(block);
  const text = programText(block, page);
  const asks = text.includes("localhost:8000");
  await reader.write(
    name,
    asks ? text.replaceAll("http://localhost:8000", await reader.url()) : text,
  );
  const outcome = await reader.run(PROGRAMS[block.language]?.(name) ?? "false");
  expect(outcome.code, outcome.text).toBe(0);
  if (block.prints === undefined) return;
  // A program that goes on prints what the ones before it print, first.
  const last = outcome.text.trimEnd().split("\n").slice(-block.prints.trimEnd().split("\n").length);
  expect(asShown(block.prints, last.join("\n"))).toBe(lasting(block.prints));
}
