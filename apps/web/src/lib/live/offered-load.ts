import { pause } from "../batch/pause.ts";

/** Selectable rates in predictions per second: below, at and above the target, up to more than one process serves. */
export const RATES = [10, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000] as const;

/** How long a load lasts unless stopped, in seconds. */
export const LOAD_SECONDS = 30;

/** What became of a load so far. */
export interface LoadProgress {
  /** Seconds since it began. */
  readonly seconds: number;
  readonly sent: number;
  readonly answered: number;
  readonly failed: number;
  /** Not sent, since too many were without a response. */
  readonly skipped: number;
}

interface LoadOptions {
  /** Predictions a second, as it is now. */
  readonly rate: () => number;
  readonly seconds: number;
  /** Sends some predictions at once; rejects where they failed. */
  readonly send: (count: number, signal: AbortSignal) => Promise<unknown>;
  readonly onProgress: (progress: LoadProgress) => void;
  readonly signal: AbortSignal;
}

/** Between two rounds of sending, in milliseconds. */
const ROUND_MS = 20;

/** Predictions of one request. */
export const MOST_CALLS = 100;

/** Predictions without a response, at most: what is due beyond that is skipped, not sent later. */
const MOST_OPEN = 4000;

/**
 * Offers predictions at a rate, in rounds, whether or not earlier ones have completed: an open loop. Ends after its time, or with
 * what is under way where `signal` aborts.
 */
export async function offerLoad(options: LoadOptions): Promise<LoadProgress> {
  const { rate, seconds, send, onProgress, signal } = options;
  const started = performance.now();
  const open = new Set<Promise<void>>();
  let unanswered = 0;
  let progress: LoadProgress = { seconds: 0, sent: 0, answered: 0, failed: 0, skipped: 0 };
  const update = (change: Partial<LoadProgress>) => {
    progress = { ...progress, ...change };
  };
  const follow = async (count: number) => {
    unanswered += count;
    try {
      await send(count, signal);
      update({ answered: progress.answered + count });
    } catch {
      if (!signal.aborted) update({ failed: progress.failed + count });
    } finally {
      unanswered -= count;
    }
  };
  let last = started;
  let due = 0;
  while (!signal.aborted && performance.now() - started < seconds * 1000) {
    const now = performance.now();
    due += ((now - last) / 1000) * rate();
    last = now;
    let whole = Math.floor(due);
    due -= whole;
    while (whole > 0) {
      const count = Math.min(whole, MOST_CALLS);
      whole -= count;
      if (unanswered + count > MOST_OPEN) {
        update({ skipped: progress.skipped + count });
        continue;
      }
      update({ sent: progress.sent + count });
      const request = follow(count).finally(() => open.delete(request));
      open.add(request);
    }
    update({ seconds: (performance.now() - started) / 1000 });
    onProgress(progress);
    try {
      await pause(ROUND_MS, signal);
    } catch {
      break;
    }
  }
  await Promise.all(open);
  onProgress(progress);
  return progress;
}
