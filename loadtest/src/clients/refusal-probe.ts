import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

/** Refusals that were read whole, and how many of them were not as promised. */
export interface Refusals {
  readonly seen: number;
  readonly malformed: number;
}

/** Reads answers beside a load until it is stopped. */
export interface RefusalProbe extends AsyncDisposable {
  stop(): Promise<Refusals>;
}

const INTERVAL_MS = 50;

/** Whether a 503 is what clients are promised: JSON with a reason, and a time to come back. */
function wellFormed(headers: Headers, text: string): boolean {
  const seconds = Number(headers.get("retry-after"));
  const isJson = headers.get("content-type")?.startsWith("application/json") === true;
  if (!isJson || !Number.isInteger(seconds) || seconds < 1) return false;
  try {
    const { detail, request_id: id } = Object(JSON.parse(text));
    return typeof detail === "string" && typeof id === "string";
  } catch {
    return false;
  }
}

/** Asks for a prediction every 50 ms, as a client of its own, and looks at the refusals among the answers. */
export function probeRefusals(url: string, bodiesFile: string): RefusalProbe {
  const [body = ""] = readFileSync(bodiesFile, "utf8").split("\n");
  const end = new AbortController();
  const found = { seen: 0, malformed: 0 };
  const run = async () => {
    while (!end.signal.aborted) {
      const headers = { "content-type": "application/json" };
      const reply = await fetch(url, { method: "POST", headers, body }).catch(() => null);
      const text = await reply?.text();
      if (reply?.status === 503 && text !== undefined) {
        found.seen += 1;
        if (!wellFormed(reply.headers, text)) found.malformed += 1;
      }
      await pause(INTERVAL_MS);
    }
  };
  const running = run();
  const stop = async () => {
    end.abort();
    await running;
    return found;
  };
  return { stop, [Symbol.asyncDispose]: async () => void (await stop()) };
}
