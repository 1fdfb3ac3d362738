import { useSyncExternalStore } from "react";

const KEY = "sepal-lessons";
const listeners = new Set<() => void>();

function read(): string {
  try {
    return localStorage.getItem(KEY) ?? "";
  } catch {
    // Storage is off: progress lasts as long as the page.
    return "";
  }
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener("storage", listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("storage", listener);
  };
}

function numbers(text: string): ReadonlySet<number> {
  return new Set(text.split(",").filter(Boolean).map(Number));
}

/** Notes that a lesson is solved, in this browser. */
export function noteSolved(number: number): void {
  const solved = [...numbers(read()), number];
  try {
    localStorage.setItem(KEY, [...new Set(solved)].toSorted((a, b) => a - b).join(","));
  } catch {
    return;
  }
  for (const listener of listeners) listener();
}

/** The lessons that are solved, by number. */
export function useSolved(): ReadonlySet<number> {
  return numbers(useSyncExternalStore(subscribe, read, () => ""));
}
