import { unavailable } from "@sepal/schema/unavailable";
import type { Registry } from "prom-client";
import type { ToWorker } from "./messages.ts";
import { sendToPrimary } from "./send-to-primary.ts";
import { SIGN_OF_LIFE_MS } from "./watchdog.ts";

/** Longest wait for the primary, in milliseconds. */
const PATIENCE_MS = 2000;

/** Tells the primary this process's metrics, and returns how to read those of all processes, which fails with `unavailable`. */
export function linkToPrimary(register: Registry): () => Promise<string> {
  const waiting = new Map<number, (text: string | null) => void>();
  let nextId = 0;
  const report = async (id?: number) => {
    sendToPrimary({ type: "snapshot", id, snapshot: await register.getMetricsAsJSON() });
  };
  process.on("message", (message: ToWorker) => {
    if (message.type === "snapshot-please") void report(message.id);
    else if (message.type === "metrics") waiting.get(message.id)?.(message.text);
  });
  // Unasked: no more than this is lost of its metrics when it dies.
  setInterval(() => void report(), SIGN_OF_LIFE_MS).unref();
  return () =>
    new Promise((resolve, reject) => {
      const id = nextId;
      nextId += 1;
      const timer = setTimeout(() => {
        waiting.delete(id);
        reject(unavailable("the primary process did not answer"));
      }, PATIENCE_MS);
      waiting.set(id, (text) => {
        clearTimeout(timer);
        waiting.delete(id);
        if (text === null) reject(unavailable("the metrics of all processes cannot be summed"));
        else resolve(text);
      });
      sendToPrimary({ type: "metrics-please", id });
    });
}
