/** A fenced block of a page. */
export interface CodeBlock {
  /** Of its opening fence, from 1. */
  readonly line: number;
  readonly language: string;
  readonly text: string;
  /** What the comment above it says: `not run` or `compiled only`, and why. */
  readonly marker?: { readonly kind: string; readonly reason: string };
  /** What the `console` block behind it says that it prints. */
  readonly prints?: string;
}

const MARKER = /^<!-- (not run|compiled only): (.*) -->$/;
const FENCE = /^( *)```(\S*)$/;

function markerAbove(lines: readonly string[], index: number): CodeBlock["marker"] {
  const above = lines.slice(0, index).findLast((line) => line.trim() !== "") ?? "";
  const [, kind, reason] = MARKER.exec(above.trim()) ?? [];
  return kind === undefined || reason === undefined ? undefined : { kind, reason };
}

/** The fenced blocks of a Markdown text; a `console` block without a command belongs to the one before. */
export function codeBlocks(markdown: string): CodeBlock[] {
  const lines = markdown.split("\n");
  const blocks: CodeBlock[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    const [, indent = "", language = ""] = FENCE.exec(lines[index] ?? "") ?? [];
    if (!FENCE.test(lines[index] ?? "")) continue;
    const end = lines.indexOf(`${indent}\`\`\``, index + 1);
    if (end === -1) throw new Error(`the block in line ${index + 1} does not end`);
    const inside = lines.slice(index + 1, end).map((line) => line.slice(indent.length));
    const text = inside.join("\n");
    const marker = markerAbove(lines, index);
    const before = blocks.at(-1);
    const isOutput = language === "console" && marker === undefined && !/^\$ /m.test(text);
    if (isOutput && before !== undefined) blocks[blocks.length - 1] = { ...before, prints: text };
    else blocks.push({ line: index + 1, language, text, marker });
    index = end;
  }
  return blocks;
}

/** A command of a `console` block, and the lines it is shown to print. */
export interface ShownCommand {
  readonly command: string;
  readonly output: string;
}

/** The commands of a `console` block: each begins with `$ `, and goes on behind a `\`. */
export function shownCommands({ text }: CodeBlock): ShownCommand[] {
  return text
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const [, command = "", output = ""] = /^((?:.*\\\n)*.*)\n?([^]*)$/.exec(part) ?? [];
      return { command, output: output.trimEnd() };
    });
}
