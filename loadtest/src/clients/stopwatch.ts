import { ConnectionPool } from "./connection-pool.ts";
import { REQUEST_TIMEOUT_S } from "./load.ts";

/** Times requests over connections that stay open. */
export interface Stopwatch extends Disposable {
  /** Sends the requests and gives the milliseconds until the last is answered; throws unless each got 200. */
  time(requests: readonly Uint8Array[]): Promise<number>;
}

/** Opens connections over which requests go, one at a time on each. */
export async function openStopwatch(address: URL, connections: number): Promise<Stopwatch> {
  let sent: readonly Uint8Array[] = [];
  let next = 0;
  let left = 0;
  let refused = 0;
  let finished = Promise.withResolvers<void>();
  const pool = new ConnectionPool(address, connections, {
    next: () => (next < sent.length ? next++ : null),
    bytes: (request) => sent[request] ?? new Uint8Array(),
    settled(_request, status) {
      if (status !== 200) refused += 1;
      left -= 1;
      if (left === 0) finished.resolve();
    },
  });
  await pool.opened;
  return {
    async time(requests) {
      sent = requests;
      [next, left, refused] = [0, requests.length, 0];
      finished = Promise.withResolvers<void>();
      const late = new Error(`no answer within ${REQUEST_TIMEOUT_S} s`);
      const timer = setTimeout(() => {
        finished.reject(pool.failure ?? late);
      }, REQUEST_TIMEOUT_S * 1000);
      const start = performance.now();
      for (let count = 0; count < connections; count += 1) pool.send();
      await finished.promise.finally(() => clearTimeout(timer));
      if (refused > 0) throw new Error(`${refused} of ${requests.length} requests failed`);
      return performance.now() - start;
    },
    [Symbol.dispose]: () => pool.destroy(),
  };
}
