import type { ToWorker } from "./messages.ts";
import { sendToPrimary } from "./send-to-primary.ts";

/** Tells the primary that the models this process needs are loaded, or have failed. */
export function tellLoaded(): void {
  sendToPrimary({ type: "loaded" });
}

/** Settles once the process that listens from the start has its models: till then one that is ready would speak for it. */
export function listenTurn(): Promise<void> {
  return new Promise((resolve) => {
    const hear = ({ type }: ToWorker) => {
      if (type !== "turn") return;
      process.off("message", hear);
      resolve();
    };
    process.on("message", hear);
    sendToPrimary({ type: "turn-please" });
  });
}
