import { join } from "node:path";
import { inject } from "vitest";
import { startApi, type ApiProcess } from "./api-process.ts";
import { keepProbedVersions } from "./probed-versions.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Holds the data folders of shared servers, removed with the run. */
    readonly sharedData: string;
  }
}

let shared: Promise<ApiProcess> | undefined;

async function start(): Promise<ApiProcess> {
  const DATA_DIR = join(inject("sharedData"), String(process.pid));
  await keepProbedVersions(DATA_DIR);
  return startApi({ variables: { DATA_DIR }, shared: true });
}

/**
 * A server with default settings and a data folder of its own, which ends with the Vitest worker: the test files of a
 * worker share it, one after the other. For tests that change nothing which another test reads, such as exact counts.
 */
export function sharedApi(): Promise<ApiProcess> {
  shared ??= start();
  return shared;
}
