import { setTimeout as sleep } from "node:timers/promises";
import { sized } from "../../test/support/sized.ts";

/** Pause of a client after each answer, in milliseconds: in small sizes the load leaves room for other tests. */
const PAUSE_MS = sized(0, 5);

/** Longest wait for a response by default, in milliseconds. */
const PATIENCE_MS = sized(2000, 150_000);

/** Predictions that are sent beside a fault. */
export interface Load extends Disposable {
  /** Answers so far. */
  readonly answered: number;
  /** Ends the clients and tells how they fared. */
  stop(): Promise<LoadReport>;
}

interface LoadReport {
  readonly answered: number;
  /** Answers other than 200, with their bodies. */
  readonly refused: readonly string[];
  /** Requests whose connection ended, or that had no response in time. */
  readonly lost: number;
}

interface LoadOptions {
  /** Body of every request; one row of the default model by default. */
  readonly body?: object;
  /** Longest wait for a response, in milliseconds. */
  readonly patienceMs?: number;
}

const ROW = { features: [5.1, 3.5, 1.4, 0.2] };

/** Has clients predict one after the other, each time on a connection of its own, until they are stopped. */
export function underLoad(
  url: string,
  clients: number,
  { body = ROW, patienceMs = PATIENCE_MS }: LoadOptions = {},
): Load {
  let answered = 0;
  let lost = 0;
  const end = new AbortController();
  const refused: string[] = [];
  const client = async () => {
    while (!end.signal.aborted) {
      try {
        const response = await fetch(`${url}/predict`, {
          method: "POST",
          headers: { "content-type": "application/json", connection: "close" },
          body: JSON.stringify(body),
          // Silence for so long is no answer.
          signal: AbortSignal.timeout(patienceMs),
        });
        const text = await response.text();
        if (response.status === 200) answered += 1;
        else refused.push(`${response.status} ${text}`);
        if (PAUSE_MS > 0) await sleep(PAUSE_MS);
      } catch {
        lost += 1;
      }
    }
  };
  const all = Promise.all(Array.from({ length: clients }, client));
  return {
    [Symbol.dispose]: () => end.abort(),
    get answered() {
      return answered;
    },
    async stop() {
      end.abort();
      await all;
      return { answered, refused, lost };
    },
  };
}
