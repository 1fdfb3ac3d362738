import * as z from "zod";
import { badRowsFile, exampleTable, resultsFile } from "./batch-files.ts";
import { BatchSession } from "./batch-session.ts";
import type { BatchTable } from "./batch-table.ts";
import { pause } from "./pause.ts";
import { BatchShelf } from "./kept-batch.ts";
import { isRunning, type BatchCommand, type BatchReport, type FileKind } from "./protocol.ts";
import { PATH_PREFIX } from "../path-prefix.ts";

// The policy of the page forbids to make code, and reports every attempt.
z.config({ jitless: true });

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

/** Between two writes to the browser's storage, in milliseconds: while a run is under way, and else. */
const KEEP_EVERY_MS = { running: 1000, idle: 200 };

const shelf = new BatchShelf();
let keeping = false;

/** Writes down soon what was made of the table. */
function keepSoon(): void {
  if (keeping || session.keptTable === undefined) return;
  keeping = true;
  setTimeout(
    () => {
      keeping = false;
      void shelf.keepRun(session.keptRun);
    },
    KEEP_EVERY_MS[isRunning(session.state) ? "running" : "idle"],
  );
}

/** Writes a table down that was not written down yet; forgets the one that is gone. */
async function keepTable(): Promise<void> {
  const table = session.keptTable;
  if (table?.id === shelf.id && table?.chosen === shelf.chosen) return;
  const kept = await shelf.keepTable(table);
  if (table?.id === session.keptTable?.id && kept !== session.state.kept) session.kept = kept;
}

function changed(): void {
  reportSoon();
  void keepTable();
  keepSoon();
}

const session = new BatchSession(changed, {
  url: `${PATH_PREFIX}/trpc`,
  headers: () => headers,
});

/** A file of CSV lines; other messages get their turn while it grows. */
async function collectLines(lines: Iterable<string>): Promise<Blob> {
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

/** The file of a table's results; other messages get their turn while it grows. */
async function collectResults(table: BatchTable): Promise<Blob> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (const part of resultsFile(table)) {
    parts.push(part);
    await pause(0);
  }
  return new Blob(parts, { type: "application/octet-stream" });
}

async function makeFile(kind: FileKind): Promise<{ name: string; blob: Blob } | undefined> {
  const { table, source } = session;
  const { name } = session.state;
  const [, stem = "table", extension = ".csv"] = /^(.+?)(\.[a-z]+)?(?:\.gz)?$/i.exec(name) ?? [];
  if (kind === "input") return source && { name, blob: source };
  if (table === undefined) return undefined;
  return kind === "results"
    ? { name: `${stem}-predictions${extension}`, blob: await collectResults(table) }
    : { name: `${stem}-bad-rows.csv`, blob: await collectLines(badRowsFile(table)) };
}

async function obey(command: Exclude<BatchCommand, { type: "open" }>): Promise<void> {
  switch (command.type) {
    case "load":
      return session.load(command.name, command.source);
    case "example": {
      const { rows, mistakes, background } = command;
      const { random } = Math;
      const { contract } = session;
      const lines = exampleTable({ contract, background, rows, mistakes, random });
      return session.load(`example-${rows}.csv`, await collectLines(lines));
    }
    case "contract":
      return session.useContract(command.contract, command.chosen);
    case "header":
      return session.setHeader(command.hasHeader);
    case "charset":
      return session.setCharset(command.charset);
    case "column":
      return session.chooseColumn(command.feature, command.column);
    case "confirm":
      return session.confirmColumns();
    case "truth":
      return session.chooseTruth(command.truth);
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

/** Takes over what the tab had before it was reloaded. */
async function open(tab: string): Promise<void> {
  const { table, run } = await shelf.open(tab);
  if (table !== undefined) void session.restore(table, run);
  reportSoon();
}

let opened = Promise.resolve();

async function afterOpening(command: Exclude<BatchCommand, { type: "open" }>): Promise<void> {
  await opened;
  await obey(command);
}

self.addEventListener("message", ({ data }: MessageEvent<BatchCommand>) => {
  if (data.type === "open") opened = open(data.tab);
  else void afterOpening(data);
});
