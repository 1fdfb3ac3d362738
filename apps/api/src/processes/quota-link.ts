import type { QuotaGrant, QuotaStore } from "../quota/quota-policy.ts";
import { within } from "../quota/within.ts";
import type { ToPrimary, ToWorker } from "./messages.ts";

/** Longest wait for the primary, in milliseconds. */
const PATIENCE_MS = 500;

function send(message: ToPrimary): void {
  if (process.connected) process.send?.(message);
}

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
      send({ type: "quota-please", id, request });
      try {
        return await within(answer, PATIENCE_MS, "the primary process did not answer");
      } finally {
        waiting.delete(id);
      }
    },
  };
}
