import { pause } from "../batch/pause.ts";

/** How a burst goes. */
export interface BurstProgress {
  readonly sent: number;
  readonly answered: number;
  readonly failed: number;
}

interface BurstOptions {
  readonly requests: number;
  readonly seconds: number;
  /** Sends request number `index`. */
  readonly send: (index: number, signal: AbortSignal) => Promise<unknown>;
  readonly onProgress: (progress: BurstProgress) => void;
  readonly signal: AbortSignal;
}

/** More unanswered requests than this wait: a server that stalls is not buried. */
const MOST_OPEN = 64;

/** Sends a bounded number of requests, evenly over a time, whether or not the earlier ones are answered. */
export async function sendBurst(options: BurstOptions): Promise<BurstProgress> {
  const { requests, seconds, send, onProgress, signal } = options;
  const started = performance.now();
  const open = new Set<Promise<void>>();
  let progress: BurstProgress = { sent: 0, answered: 0, failed: 0 };
  const tell = (change: Partial<BurstProgress>) => {
    progress = { ...progress, ...change };
    onProgress(progress);
  };
  const follow = async (index: number) => {
    try {
      await send(index, signal);
      tell({ answered: progress.answered + 1 });
    } catch {
      tell({ failed: progress.failed + 1 });
    }
  };
  for (let index = 0; index < requests; index += 1) {
    const due = started + (index * seconds * 1000) / requests;
    const early = due - performance.now();
    if (early > 0) await pause(early, signal);
    if (open.size >= MOST_OPEN) await Promise.race(open);
    signal.throwIfAborted();
    tell({ sent: progress.sent + 1 });
    const request = follow(index).finally(() => open.delete(request));
    open.add(request);
  }
  await Promise.all(open);
  return progress;
}
