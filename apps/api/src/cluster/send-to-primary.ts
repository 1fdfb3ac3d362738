import type { ToPrimary } from "./messages.ts";

/** Sends a message of this worker to the primary; nothing where there is none, or none any more. */
export function sendToPrimary(message: ToPrimary): void {
  if (process.connected) process.send?.(message);
}
