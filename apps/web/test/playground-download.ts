import type { Contract } from "@sepal/schema/define-contract";
import type { Charset } from "@sepal/schema/predict-file";
import { resultsFile } from "../src/lib/batch/batch-files.ts";
import { BatchSession } from "../src/lib/batch/batch-session.ts";
import type { RunTarget } from "../src/lib/batch/protocol.ts";

interface PlaygroundFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly charset: Charset;
  /** Whose rows they are; by default those of iris. */
  readonly contract?: Contract | undefined;
}

/** The playground's download of a scored file, made by what its worker runs, or why there is none. */
export async function playgroundDownload(
  apiUrl: string,
  { bytes, charset, contract }: PlaygroundFile,
  model: RunTarget,
): Promise<{ readonly file: Buffer } | { readonly problem: string }> {
  let changed = () => {};
  const session = new BatchSession(() => changed(), {
    url: `${apiUrl}/trpc`,
    headers: () => ({}),
  });
  if (contract !== undefined) session.contract = contract;
  await session.load("table", new Blob([bytes]), { charset });
  const { problem, phase: loaded } = session.state;
  if (problem !== null) return { problem };
  if (loaded !== "ready") throw new Error(`the table is ${loaded}`);
  const ended = new Promise<void>((resolve) => {
    changed = () => {
      const { phase } = session.state.run ?? {};
      if (phase !== undefined && phase !== "running") resolve();
    };
  });
  session.start(model);
  changed();
  await ended;
  const { phase } = session.state.run ?? {};
  if (phase !== "done" || session.table === undefined) throw new Error(`the run is ${phase}`);
  return { file: Buffer.concat([...resultsFile(session.table)]) };
}
