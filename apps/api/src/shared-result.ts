/** Timers of those who ask once in the time fire a little early, in milliseconds. */
const EARLY_MS = 20;

/** Computes a result, or a failure, at most once in some milliseconds; all who ask within that time share it. */
export function sharedResult<T>(compute: () => Promise<T>, milliseconds: number): () => Promise<T> {
  let result: Promise<T> | undefined;
  let until = 0;
  return () => {
    const now = performance.now();
    if (result === undefined || now >= until) {
      result = compute();
      until = now + milliseconds - EARLY_MS;
    }
    return result;
  };
}
