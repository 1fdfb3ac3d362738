/** Least time between two looks of the bar, in milliseconds. */
const INTERVAL_MS = 100;

const WIDTH = 24;

/** How far a run is. */
export interface Progress {
  readonly rows: number;
  readonly bytes: number;
  /** Bytes of the whole input; absent for a pipe. */
  readonly total: number | undefined;
  readonly seconds: number;
}

const count = (value: number) => Math.round(value).toLocaleString("en-US");

/** One line that says how far a run is. */
export function progressLine({ rows, bytes, total, seconds }: Progress): string {
  const rate = `${count(rows)} rows, ${count(rows / Math.max(seconds, 0.001))} rows/s`;
  if (total === undefined || total === 0) return rate;
  const share = Math.min(1, bytes / total);
  const full = Math.floor(share * WIDTH);
  const bar = "█".repeat(full) + "░".repeat(WIDTH - full);
  return `${bar} ${String(Math.floor(share * 100)).padStart(3)} %  ${rate}`;
}

/** Shows progress in one line of a terminal; `done` takes it away. */
export function showProgress(terminal: { write(text: string): unknown }) {
  let shown = Number.NEGATIVE_INFINITY;
  return {
    show(progress: Progress): void {
      const now = performance.now();
      if (now - shown < INTERVAL_MS) return;
      shown = now;
      terminal.write(`\r\u001B[K${progressLine(progress)}`);
    },
    done(): void {
      terminal.write("\r\u001B[K");
    },
  };
}
