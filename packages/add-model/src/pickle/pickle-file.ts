import { open } from "node:fs/promises";
import { extname } from "node:path";
import { createInterface } from "node:readline/promises";
import { printable } from "../printable.ts";

/** How a file holds Python objects: a pickle, which runs code as it is opened, or types and values by name. */
export type PickleKind = "pickle" | "skops";

const EXTENSIONS: Readonly<Record<string, PickleKind>> = {
  ".joblib": "pickle",
  ".pickle": "pickle",
  ".pkl": "pickle",
  ".sav": "pickle",
  ".skops": "skops",
};

/** Versions of the format that begin with their number. */
const PROTOCOLS = new Set([2, 3, 4, 5]);

/** The first byte of a pickle of these versions. */
const PROTO = 0x80;

/** Whether a file is what Python pickled: by its name, else by its first two bytes, which no ONNX file has. */
export async function pickleKind(path: string): Promise<PickleKind | undefined> {
  const extension = extname(path).toLowerCase();
  if (Object.hasOwn(EXTENSIONS, extension)) return EXTENSIONS[extension];
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return buffer[0] === PROTO && PROTOCOLS.has(buffer[1] ?? 0) ? "pickle" : undefined;
  } finally {
    await file.close();
  }
}

/** What opening a file does; `untrusted` are the types of a .skops file that skops does not vouch for. */
export function dangerOf(kind: PickleKind, untrusted: readonly string[]): string {
  if (kind === "pickle") return "opening a pickle runs the code that it holds, as you";
  const types =
    untrusted.length === 0
      ? "all of its types are known to skops"
      : `skops does not know its types ${untrusted.join(", ")}`;
  return `opening it makes Python objects of what it names, as you: ${types}`;
}

/** Asks on the terminal whether a file may be opened; `undefined` where there is none. */
export async function askToOpen(path: string, danger: string): Promise<boolean | undefined> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const reply = await terminal.question(printable(`${path}: ${danger}. Open it? [y/N] `));
    return /^y(?:es)?$/i.test(reply.trim());
  } finally {
    terminal.close();
  }
}
