"use client";

import { useEffect, useSyncExternalStore } from "react";
import { credentialHeaders, useCredentials } from "../credentials.ts";
import {
  EMPTY_BATCH,
  isRunning,
  type BatchCommand,
  type BatchReport,
  type BatchState,
  type FileKind,
  type RowFilter,
  type TableRow,
} from "./protocol.ts";

/** Hands a file to the browser's downloads. */
function saveFile(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // Revoked too early, some browsers save nothing.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** The worker's table as a page sees and moves it. */
export interface Batch {
  readonly state: BatchState;
  readonly send: (command: BatchCommand) => void;
  /** Rows for the table; resolves with the newest result only. */
  readonly readWindow: (
    filter: RowFilter,
    from: number,
    count: number,
  ) => Promise<readonly TableRow[]>;
  readonly download: (kind: FileKind) => void;
}

const TAB_KEY = "sepal-tab";

/** The name of this tab, the same after a reload. */
function tabName(): string {
  try {
    const known = sessionStorage.getItem(TAB_KEY);
    if (known !== null) return known;
    const name = Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) =>
      part.toString(36),
    ).join("-");
    sessionStorage.setItem(TAB_KEY, name);
    return name;
  } catch {
    return "";
  }
}

// Above the views: a run continues while another view is open.
let state = EMPTY_BATCH;
let worker: Worker | undefined;
let ids = 0;
const listeners = new Set<() => void>();
const windows = new Map<number, (rows: readonly TableRow[]) => void>();

/** Asks before a page with a run under way is left. */
function askBeforeLeaving(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

function take({ data }: MessageEvent<BatchReport>): void {
  if (data.type === "state") {
    ({ state } = data);
    if (isRunning(state)) window.addEventListener("beforeunload", askBeforeLeaving);
    else window.removeEventListener("beforeunload", askBeforeLeaving);
    for (const listener of listeners) listener();
  } else if (data.type === "file") saveFile(data.blob, data.name);
  else {
    windows.get(data.id)?.(data.rows);
    windows.delete(data.id);
  }
}

function send(command: BatchCommand): void {
  if (worker === undefined) {
    worker = new Worker(new URL("./batch.worker.ts", import.meta.url), { type: "module" });
    worker.addEventListener("message", take);
    worker.postMessage({ type: "open", tab: tabName() } satisfies BatchCommand);
  }
  worker.postMessage(command);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

const batch: Omit<Batch, "state"> = {
  send,
  readWindow: (filter, from, count) =>
    new Promise((resolve) => {
      ids += 1;
      windows.set(ids, resolve);
      send({ type: "window", id: ids, filter, from, count });
    }),
  download: (kind) => {
    ids += 1;
    send({ type: "file", id: ids, kind });
  },
};

/** How far the table of this tab is, wherever it is looked at. */
function useBatchState(): BatchState {
  return useSyncExternalStore(
    subscribe,
    () => state,
    () => EMPTY_BATCH,
  );
}

/** Starts the worker that holds the table of this tab, with the first view that needs it. */
export function useBatch(): Batch {
  const { apiKey } = useCredentials();
  useEffect(() => {
    const headers = apiKey === null ? {} : credentialHeaders();
    send({ type: "headers", headers });
  }, [apiKey]);
  return { ...batch, state: useBatchState() };
}
