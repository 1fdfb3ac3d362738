"use client";

import { useCallback, useEffect, useRef, useState } from "react";
import { credentialHeaders, useCredentials } from "../credentials.ts";
import {
  EMPTY_BATCH,
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
  readonly tell: (command: BatchCommand) => void;
  /** Rows for the table; resolves with the newest answer only. */
  readonly readWindow: (
    filter: RowFilter,
    from: number,
    count: number,
  ) => Promise<readonly TableRow[]>;
  readonly download: (kind: FileKind) => void;
}

/** Starts the worker that holds the table, and ends it with the page. */
export function useBatch(): Batch {
  const [state, setState] = useState(EMPTY_BATCH);
  const worker = useRef<Worker | null>(null);
  const windows = useRef(new Map<number, (rows: readonly TableRow[]) => void>());
  const ids = useRef(0);
  const { apiKey } = useCredentials();

  useEffect(() => {
    const own = new Worker(new URL("./batch.worker.ts", import.meta.url), { type: "module" });
    worker.current = own;
    own.addEventListener("message", ({ data }: MessageEvent<BatchReport>) => {
      if (data.type === "state") setState(data.state);
      else if (data.type === "file") saveFile(data.blob, data.name);
      else {
        windows.current.get(data.id)?.(data.rows);
        windows.current.delete(data.id);
      }
    });
    return () => {
      own.terminate();
      worker.current = null;
    };
  }, []);

  const tell = useCallback((command: BatchCommand) => worker.current?.postMessage(command), []);
  useEffect(() => {
    const headers = apiKey === null ? {} : credentialHeaders();
    tell({ type: "headers", headers });
  }, [tell, apiKey]);

  const readWindow = useCallback<Batch["readWindow"]>(
    (filter, from, count) =>
      new Promise((resolve) => {
        ids.current += 1;
        windows.current.set(ids.current, resolve);
        tell({ type: "window", id: ids.current, filter, from, count });
      }),
    [tell],
  );
  const download = useCallback<Batch["download"]>(
    (kind) => {
      ids.current += 1;
      tell({ type: "file", id: ids.current, kind });
    },
    [tell],
  );
  return { state, tell, readWindow, download };
}
