import type { TestProject } from "vitest/node";
import type { JobStoreUnderTest } from "./job-place.ts";
import { startPostgres, WITHOUT_POSTGRES, type PostgresServer } from "./postgres-server.ts";

let server: PostgresServer | undefined;

/** Starts the PostgreSQL that all job tests of a run share. */
export async function setup(project: TestProject): Promise<void> {
  const provide = (store: JobStoreUnderTest) => project.provide("jobStore", store);
  if (WITHOUT_POSTGRES !== undefined) {
    provide({ kind: "missing", reason: WITHOUT_POSTGRES });
    return;
  }
  server = await startPostgres();
  provide({ kind: "postgres", url: server.url });
}

/** Stops it. */
export async function teardown(): Promise<void> {
  await server?.[Symbol.asyncDispose]();
}
