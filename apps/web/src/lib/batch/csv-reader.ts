import Papa from "papaparse";

/** A row as it was read; `problem` says what is wrong with its text. */
export interface CsvRow {
  readonly cells: readonly string[];
  readonly problem: string | null;
}

const PROBLEMS: Record<string, string> = {
  MissingQuotes: "A quote is opened and never closed",
  InvalidQuotes: "A quote stands in the middle of a cell",
};

/** Reads CSV slice by slice; rows may reach over any number of slices. */
export class CsvReader {
  readonly #delimiter: string;
  #rest = "";
  /** Length of the rest at which another attempt pays: a quote left open makes one row of the file. */
  #attemptAt = 0;

  constructor(delimiter: string) {
    this.#delimiter = delimiter;
  }

  /** Takes the next slice (line breaks unified) and gives the rows that are complete with it. */
  push(slice: string): CsvRow[] {
    this.#rest += slice;
    return this.#rest.length < this.#attemptAt ? [] : this.#parse(false);
  }

  /** Gives the rows that are left at the end of the text. */
  end(): CsvRow[] {
    return this.#parse(true);
  }

  #parse(atEnd: boolean): CsvRow[] {
    const parser = new Papa.Parser({ delimiter: this.#delimiter, newline: "\n" });
    const { data, errors, meta }: Papa.ParseResult<string[]> = parser.parse(this.#rest, 0, !atEnd);
    this.#rest = atEnd ? "" : this.#rest.slice(meta.cursor);
    this.#attemptAt = this.#rest.length * 2;
    const problems = new Map(
      errors.map(({ row, code, message }) => [row, PROBLEMS[code] ?? message]),
    );
    const rows = data.map((cells, index) => ({ cells, problem: problems.get(index) ?? null }));
    return rows.filter(({ cells }) => cells.length > 1 || cells[0]?.trim() !== "");
  }
}
