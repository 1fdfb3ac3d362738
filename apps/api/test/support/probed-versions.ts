import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const FILE = "probed-versions";

/** Where servers with default settings keep the versions that have passed a probe. */
export const PROBED_VERSIONS = fileURLToPath(new URL(`../../../../.data/${FILE}`, import.meta.url));

/**
 * Makes a data folder that of a server which has started before: it knows that the shipped models have passed. Each of
 * dozens of servers would start a process for the probe of the same files otherwise, a second of CPU.
 */
export async function keepProbedVersions(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await copyFile(PROBED_VERSIONS, join(folder, FILE));
}
