/** One instruction of a Dockerfile. */
export interface Instruction {
  /** Where it begins, from 1. */
  readonly line: number;
  readonly keyword: string;
  /** Such as `{ from: "build" }` of `COPY --from=build`. */
  readonly flags: Readonly<Record<string, string>>;
  readonly rest: string;
}

/** Everything from one `FROM` to the next. */
export interface Stage {
  readonly name: string;
  /** The image it begins with. */
  readonly base: string;
  readonly instructions: readonly Instruction[];
}

function fail(line: number, message: string): never {
  throw new Error(`Dockerfile:${line}: ${message}`);
}

function readInstruction(text: string, line: number): Instruction {
  const [, keyword, afterKeyword = ""] = /^(\w+)\s*(.*)$/.exec(text) ?? [];
  if (keyword === undefined) fail(line, `no instruction: ${text}`);
  const flags: Record<string, string> = {};
  let rest = afterKeyword;
  for (;;) {
    const [flag, name, value = ""] = /^--([\w-]+)=(\S+)\s*/.exec(rest) ?? [];
    if (flag === undefined || name === undefined) break;
    flags[name] = value;
    rest = rest.slice(flag.length);
  }
  return { line, keyword: keyword.toUpperCase(), flags, rest };
}

function readInstructions(text: string): Instruction[] {
  const instructions: Instruction[] = [];
  let pending: { text: string; line: number } | undefined;
  text.split("\n").forEach((raw, index) => {
    const part = raw.trim();
    // Comments and empty lines do not end a continued instruction.
    if (part === "" || part.startsWith("#")) return;
    const continued = part.endsWith("\\");
    const joined = `${pending?.text ?? ""}${continued ? `${part.slice(0, -1).trimEnd()} ` : part}`;
    const line = pending?.line ?? index + 1;
    pending = continued ? { text: joined, line } : undefined;
    if (!continued) instructions.push(readInstruction(joined, line));
  });
  if (pending !== undefined) fail(pending.line, "the last line is continued by none");
  return instructions;
}

/** Replaces `${NAME}` and `$NAME`; an unknown name is an error, as a typing mistake would be. */
function substitute(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$(?:\{(\w+)\}|(\w+))/g, (_match, braced, bare) => {
    const name = String(braced ?? bare);
    return values[name] ?? fail(0, `${name} is not defined`);
  });
}

/** Reads `NAME=value NAME="other value"`. */
export function readPairs(text: string): Record<string, string> {
  const pairs = text.matchAll(/(\w+)=(?:"([^"]*)"|(\S*))/g);
  return Object.fromEntries([...pairs].map(([, name, quoted, bare]) => [name, quoted ?? bare]));
}

/** Reads the words of an instruction's JSON form; its shell form would hide signals from the process. */
export function readWords({ line, keyword, rest }: Instruction): string[] {
  const list = rest.replace(/^CMD\s+/, "");
  if (!list.startsWith("[")) fail(line, `${keyword} should be written as a JSON list`);
  const words: unknown = JSON.parse(list);
  if (!Array.isArray(words)) fail(line, `${keyword} should be a list`);
  return words.map(String);
}

/** Splits a Dockerfile into its stages, with the `ARG` defaults before the first `FROM` filled in. */
export function parseDockerfile(text: string): Stage[] {
  const defaults: Record<string, string> = {};
  const stages: { name: string; base: string; instructions: Instruction[] }[] = [];
  for (const instruction of readInstructions(text)) {
    const { keyword, rest, line } = instruction;
    const stage = stages.at(-1);
    if (keyword === "FROM") {
      const [base = "", as, name] = substitute(rest, defaults).split(/\s+/);
      if (as !== undefined && as.toUpperCase() !== "AS")
        fail(line, `FROM ${rest} is not understood`);
      stages.push({ name: name ?? String(stages.length), base, instructions: [] });
    } else if (stage !== undefined) {
      stage.instructions.push(instruction);
    } else if (keyword === "ARG") {
      Object.assign(defaults, readPairs(rest));
    } else {
      fail(line, `${keyword} stands before the first FROM`);
    }
  }
  if (stages.length === 0) fail(1, "there is no FROM");
  return stages;
}
