import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { COMPILE_CACHE, startApi } from "./api-process.ts";
import { PROBED_VERSIONS } from "./probed-versions.ts";

let folder: string;

/**
 * Fills the compile cache and the list of probed versions by one start that ends by itself: most tests kill their server,
 * which writes no cache.
 */
export async function setup(project: TestProject): Promise<void> {
  folder = await mkdtemp(join(tmpdir(), "sepal-shared-"));
  project.provide("sharedData", folder);
  if (existsSync(COMPILE_CACHE) && existsSync(PROBED_VERSIONS)) return;
  await using api = await startApi();
  api.child.kill("SIGTERM");
  await api.ended();
}

/** Removes the data folders; a server may still end. */
export async function teardown(): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
