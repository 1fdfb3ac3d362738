import { badRowsFile, exampleTable, resultsFile } from "./batch-files.ts";
import { BatchSession } from "./batch-session.ts";
import { pause } from "./pause.ts";
import type { BatchCommand, BatchReport, FileKind } from "./protocol.ts";

/** The page need not know more often, in milliseconds. */
const REPORT_EVERY_MS = 100;
const LINES_A_SLICE = 5000;

let headers: Record<string, string> = {};
let reporting = false;

function post(report: BatchReport): void {
  self.postMessage(report, { transfer: [] });
}

function reportSoon(): void {
  if (reporting) return;
  reporting = true;
  setTimeout(() => {
    reporting = false;
    post({ type: "state", state: session.state });
  }, REPORT_EVERY_MS);
}

const session = new BatchSession(reportSoon, () => headers);

/** A file of lines; other messages get their turn while it grows. */
async function collect(lines: Iterable<string>): Promise<Blob> {
  const parts: string[] = [];
  let part = "";
  let count = 0;
  for (const line of lines) {
    part += line;
    count += 1;
    if (count % LINES_A_SLICE === 0) {
      parts.push(part);
      part = "";
      await pause(0);
    }
  }
  return new Blob([...parts, part], { type: "text/csv;charset=utf-8" });
}

async function makeFile(kind: FileKind): Promise<{ name: string; blob: Blob } | undefined> {
  const { table, source } = session;
  const { name } = session.state;
  const stem = name.replace(/\.[a-z]+$/i, "") || "table";
  if (kind === "input") return source && { name, blob: source };
  if (table === undefined) return undefined;
  return kind === "results"
    ? { name: `${stem}-predictions.csv`, blob: await collect(resultsFile(table)) }
    : { name: `${stem}-bad-rows.csv`, blob: await collect(badRowsFile(table)) };
}

async function obey(command: BatchCommand): Promise<void> {
  switch (command.type) {
    case "load":
      return session.load(command.name, command.source);
    case "example": {
      const { rows, mistakes, background } = command;
      const { random } = Math;
      const { contract } = session;
      const lines = exampleTable({ contract, background, rows, mistakes, random });
      return session.load(`example-${rows}.csv`, await collect(lines));
    }
    case "contract":
      return session.useContract(command.name);
    case "header":
      return session.setHeader(command.hasHeader);
    case "column":
      return session.chooseColumn(command.feature, command.column);
    case "start":
      return session.start(command.target);
    case "cancel":
      return session.cancel();
    case "clear":
      return session.clear();
    case "headers":
      headers = { ...command.headers };
      return undefined;
    case "window": {
      const { id, filter, from, count } = command;
      return post({ type: "window", id, rows: session.table?.window(filter, from, count) ?? [] });
    }
    case "file": {
      const file = await makeFile(command.kind);
      return file && post({ type: "file", id: command.id, ...file });
    }
  }
}

self.addEventListener("message", ({ data }: MessageEvent<BatchCommand>) => void obey(data));
