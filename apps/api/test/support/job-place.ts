import { randomUUID } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "pg";
import { beforeEach, inject } from "vitest";
import { dataFolder } from "./job-helpers.ts";

/** Where the jobs of a test file are kept: in a folder, or in a database of a PostgreSQL that was started for all. */
export type JobStoreUnderTest =
  | { readonly kind: "sqlite" }
  | { readonly kind: "postgres"; readonly url: string }
  | { readonly kind: "missing"; readonly reason: string };

declare module "vitest" {
  interface ProvidedContext {
    readonly jobStore: JobStoreUnderTest;
  }
}

/** An empty place for jobs, removed with the test. */
interface JobPlace extends AsyncDisposable {
  /** Settings of a server that keeps its jobs there. */
  readonly variables: Readonly<Record<string, string>>;
  /** Ids of jobs and uploads of which bytes are kept. */
  readonly held: () => Promise<string[]>;
  /** Bytes of inputs and results that are kept. */
  readonly bytes: () => Promise<number>;
}

const HELD = `SELECT id FROM sepal.inputs UNION SELECT id FROM sepal.result_chunks ORDER BY id`;

const BYTES = `SELECT (SELECT coalesce(sum(octet_length(data)), 0) FROM sepal.input_chunks)
  + (SELECT coalesce(sum(octet_length(data)), 0) FROM sepal.result_chunks) AS id`;

/** Bytes of all files below a folder. */
export async function folderBytes(path: string): Promise<number> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = entries.map(async (entry) => {
    if (!entry.isFile()) return 0;
    const found = await stat(join(entry.parentPath, entry.name)).catch(() => undefined);
    return found?.size ?? 0;
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

async function ask(url: string, text: string): Promise<string[]> {
  const client = new Client(url);
  await client.connect();
  try {
    return (await client.query(text)).rows.map(({ id }) => String(id));
  } finally {
    await client.end();
  }
}

async function openDatabase(server: string) {
  const url = new URL(server);
  url.pathname = `/jobs_${randomUUID().replaceAll("-", "")}`;
  await ask(server, `CREATE DATABASE ${url.pathname.slice(1)}`);
  return url.href;
}

/** Opens a place of the kind that this run is about. */
export async function openJobPlace(): Promise<JobPlace> {
  const store = inject("jobStore");
  const data = await dataFolder();
  const dispose = () => data[Symbol.asyncDispose]();
  const DATA_DIR = data.path;
  if (store.kind !== "postgres") {
    const held = () => readdir(join(DATA_DIR, "jobs")).catch(() => []);
    const bytes = () => folderBytes(join(DATA_DIR, "jobs"));
    return { variables: { DATA_DIR }, held, bytes, [Symbol.asyncDispose]: dispose };
  }
  const DATABASE_URL = await openDatabase(store.url);
  // The folder is there for files alone: no replica may need it for a job.
  const variables = { DATA_DIR, DATABASE_URL };
  const held = () => ask(DATABASE_URL, HELD);
  // The tables are made by the first job.
  const bytes = () =>
    ask(DATABASE_URL, BYTES).then(
      ([sum]) => Number(sum),
      () => 0,
    );
  return { variables, held, bytes, [Symbol.asyncDispose]: dispose };
}

/** Skips the tests of a file where their store is not at hand, and says why. */
export function skipWithoutStore(): void {
  const store = inject("jobStore");
  beforeEach(({ skip }) => {
    if (store.kind === "missing") skip(store.reason);
  });
}
