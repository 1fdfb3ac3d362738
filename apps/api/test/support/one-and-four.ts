import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startApi, type ApiProcess } from "./api-process.ts";

/** The same server with one process and with four. */
export interface OneAndFour extends AsyncDisposable {
  readonly one: ApiProcess;
  readonly four: ApiProcess;
}

/** Starts both with the same settings, each with a data folder of its own. */
export async function startOneAndFour(
  variables: Readonly<Record<string, string>> = {},
): Promise<OneAndFour> {
  const data = await mkdtemp(join(tmpdir(), "sepal-faces-"));
  const start = (WORKERS: string) =>
    startApi({ variables: { ...variables, WORKERS, DATA_DIR: join(data, WORKERS) } });
  const [one, four] = await Promise.all([start("1"), start("4")]);
  return {
    one,
    four,
    async [Symbol.asyncDispose]() {
      await one[Symbol.asyncDispose]();
      await four[Symbol.asyncDispose]();
      await rm(data, { recursive: true, force: true });
    },
  };
}
