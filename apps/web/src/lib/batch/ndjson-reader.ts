/** One line of NDJSON: named values, or values in the features' order. */
export type JsonRow =
  | { readonly kind: "named"; readonly values: Readonly<Record<string, unknown>> }
  | { readonly kind: "ordered"; readonly values: readonly unknown[] }
  | { readonly kind: "bad"; readonly text: string; readonly problem: string };

function readLine(text: string): JsonRow {
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value)) return { kind: "ordered", values: value };
    if (typeof value === "object" && value !== null) {
      const features: unknown = Reflect.get(value, "features");
      if (Array.isArray(features)) return { kind: "ordered", values: features };
      return { kind: "named", values: { ...value } };
    }
    return { kind: "bad", text, problem: "The line is neither an object nor a list" };
  } catch {
    return { kind: "bad", text, problem: "The line is not valid JSON" };
  }
}

/** Reads NDJSON slice by slice: a list, or an object with `features`, or one with named values, a line. */
export class NdjsonReader {
  #rest = "";

  /** Takes the next slice (line breaks unified) and gives the lines that are complete with it. */
  push(slice: string): JsonRow[] {
    const lines = (this.#rest + slice).split("\n");
    this.#rest = lines.pop() ?? "";
    return lines.filter((line) => line.trim() !== "").map(readLine);
  }

  /** Gives the line that is left at the end of the text. */
  end(): JsonRow[] {
    const last = this.#rest;
    this.#rest = "";
    return last.trim() === "" ? [] : [readLine(last)];
  }
}
