const WINDOW_MS = 3000;

/** Rows a second over the last seconds. */
export class Throughput {
  #marks: { readonly at: number; readonly rows: number }[] = [];

  /** Notes that `rows` are done at `at`, in milliseconds. */
  mark(at: number, rows: number): void {
    this.#marks.push({ at, rows });
    while ((this.#marks[1]?.at ?? at) < at - WINDOW_MS) this.#marks.shift();
  }

  /** 0 until two marks are apart in time. */
  get rowsPerSecond(): number {
    const [first, last] = [this.#marks[0], this.#marks.at(-1)];
    if (first === undefined || last === undefined || last.at <= first.at) return 0;
    return ((last.rows - first.rows) / (last.at - first.at)) * 1000;
  }
}
