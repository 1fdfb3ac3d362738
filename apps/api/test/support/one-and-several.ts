import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startApi, type ApiProcess } from "./api-process.ts";
import { keepProbedVersions } from "./probed-versions.ts";
import { sized } from "./sized.ts";

/** How many processes `several` has. */
export const PROCESSES = sized(4, 2);

/** The same server with one process and with several. */
export interface OneAndSeveral extends AsyncDisposable {
  readonly one: ApiProcess;
  readonly several: ApiProcess;
}

/** Starts both with the same settings, each with a data folder of its own. */
export async function startOneAndSeveral(
  variables: Readonly<Record<string, string>> = {},
): Promise<OneAndSeveral> {
  const data = await mkdtemp(join(tmpdir(), "sepal-faces-"));
  const start = async (processes: number) => {
    const DATA_DIR = join(data, String(processes));
    await keepProbedVersions(DATA_DIR);
    return startApi({ variables: { ...variables, WORKERS: String(processes), DATA_DIR } });
  };
  const [one, several] = await Promise.all([start(1), start(PROCESSES)]);
  return {
    one,
    several,
    async [Symbol.asyncDispose]() {
      await one[Symbol.asyncDispose]();
      await several[Symbol.asyncDispose]();
      await rm(data, { recursive: true, force: true });
    },
  };
}
