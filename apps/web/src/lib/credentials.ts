import { useSyncExternalStore } from "react";

interface Credentials {
  /** Kept in this page's memory alone: never in the address, a cookie or storage. */
  readonly apiKey: string | null;
  /** Whether the server refused a call for want of a key, so that the dialog asks for one. */
  readonly asking: boolean;
}

let current: Credentials = { apiKey: null, asking: false };
const listeners = new Set<() => void>();

function set(next: Credentials): void {
  current = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The key and whether it is asked for, as they change. */
export function useCredentials(): Credentials {
  return useSyncExternalStore(
    subscribe,
    () => current,
    () => current,
  );
}

/** Headers that carry the key, when there is one. */
export function credentialHeaders(): Record<string, string> {
  return current.apiKey === null ? {} : { "x-api-key": current.apiKey };
}

/** Opens the key dialog: the server returned 401. */
export function askForKey(): void {
  if (!current.asking) set({ ...current, asking: true });
}

/** Keeps a key (or `null`, none) for the calls that follow and closes the dialog. */
export function setApiKey(apiKey: string | null): void {
  set({ apiKey, asking: false });
}

/** Closes the key dialog without a change. */
export function stopAskingForKey(): void {
  set({ ...current, asking: false });
}
