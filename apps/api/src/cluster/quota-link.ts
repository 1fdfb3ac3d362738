import type { QuotaGrant, QuotaStore } from "../rate-limit/quota-policy.ts";
import { within } from "../rate-limit/within.ts";
import type { ToWorker } from "./messages.ts";
import { sendToPrimary } from "./send-to-primary.ts";

/** Longest wait for the primary, in milliseconds. */
const PATIENCE_MS = 500;

/** Counts calls in the primary, for all processes; a take fails where the primary does not answer. */
export function linkQuota(): QuotaStore {
  const waiting = new Map<number, (grant: QuotaGrant) => void>();
  let nextId = 0;
  process.on("message", (message: ToWorker) => {
    if (message.type === "quota") waiting.get(message.id)?.(message.grant);
  });
  return {
    async take(request) {
      const id = nextId;
      nextId += 1;
      const answer = new Promise<QuotaGrant>((resolve) => waiting.set(id, resolve));
      sendToPrimary({ type: "quota-please", id, request });
      try {
        return await within(answer, PATIENCE_MS, "the primary process did not answer");
      } finally {
        waiting.delete(id);
      }
    },
  };
}
