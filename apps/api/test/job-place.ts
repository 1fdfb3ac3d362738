import { randomUUID } from "node:crypto";
import { readdir } from "node:fs/promises";
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
}

const HELD = `SELECT id FROM sepal.inputs UNION SELECT id FROM sepal.result_chunks ORDER BY id`;

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
    const held = () => readdir(join(DATA_DIR, "jobs"));
    return { variables: { DATA_DIR }, held, [Symbol.asyncDispose]: dispose };
  }
  const DATABASE_URL = await openDatabase(store.url);
  // The folder is there for files alone: no replica may need it for a job.
  const variables = { DATA_DIR, DATABASE_URL };
  return { variables, held: () => ask(DATABASE_URL, HELD), [Symbol.asyncDispose]: dispose };
}

/** Skips the tests of a file where their store is not at hand, and says why. */
export function skipWithoutStore(): void {
  const store = inject("jobStore");
  beforeEach(({ skip }) => {
    if (store.kind === "missing") skip(store.reason);
  });
}
