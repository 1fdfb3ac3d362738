import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import type { EngineChoice } from "@sepal/model/engine";
import { chooseEngine } from "@sepal/model/repository/engine-gate";
import { loadVersion } from "@sepal/model/repository/load-version";
import { readContractOf } from "@sepal/model/repository/contract-files";
import { defaultModelOf } from "@sepal/model/repository/default-model";
import {
  listModelNames,
  readModelFolder,
  readVersionFiles,
} from "@sepal/model/repository/model-files";
import type { FileFormat } from "@sepal/schema/files/file-format";
import { blockScorer } from "@sepal/model/scoring/score-block";
import { gunzipped, readBegin } from "@sepal/model/scoring/inflate";
import { scoreFile } from "@sepal/model/scoring/score-file";
import type { ServedModel } from "@sepal/model/served-model";
import { UNOBSERVED } from "@sepal/model/session/inference-observer";
import type { Charset } from "@sepal/schema/predict-file";
import type { Progress } from "./progress.ts";
import { openResult } from "./result-file.ts";

/** Bytes read at once. */
const READ_BYTES = 262_144;

/** A file and how it is scored. */
export interface ScoreOptions {
  /** Path, or `-` for standard input. */
  readonly input: string;
  /** Path, or `-` for standard output. */
  readonly output: string;
  readonly format: FileFormat;
  readonly charset: Charset;
  /** Make the cells of a CSV result safe for spreadsheets. */
  readonly spreadsheet: boolean;
  /** Path of the model repository. */
  readonly models: string;
  /** The default model of the repository when absent. */
  readonly model: string | undefined;
  /** The model's default version when absent. */
  readonly version: string | undefined;
  /** Which engines the model may have. */
  readonly engine: EngineChoice;
  /** Write nothing unless every row is good. */
  readonly strict: boolean;
  /** Most columns of the file. */
  readonly maxColumns: number;
}

/** What a run did. */
export interface Scored {
  readonly rows: number;
  readonly badRows: number;
  readonly seconds: number;
}

/** Gets the progress of a run, and what removes its unfinished result. */
export interface Watcher {
  readonly progress: (progress: Progress) => void;
  readonly started: (discard: () => void) => void;
}

/** No row comes alone here, so that the batcher has nothing to do. */
const LIMITS = { maxBatchSize: 1, maxDelayMs: 0, maxQueueRows: 64 };

/** The model, verified against its golden rows as in a server. */
async function openModel({
  models,
  version,
  engine,
  ...options
}: ScoreOptions): Promise<ServedModel> {
  const model = options.model ?? defaultModelOf(await listModelNames(models).catch(() => []));
  if (model === null)
    throw new Error(`there is no model in ${models}; --models names another folder`);
  const folder = await readModelFolder(models, model).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`there is no model "${model}" in ${models}: ${why}`, { cause });
  });
  const files = await readVersionFiles(folder, version ?? folder.file.default_version);
  const contract = await readContractOf(models, folder.file.contract);
  const contracts = new Map([[contract.name, contract]]);
  const loading = { contracts, limits: LIMITS, observer: UNOBSERVED, lane: "batch" as const };
  const chosen = await chooseEngine(files, contract, engine);
  return loadVersion({ ...files, engine: chosen }, loading);
}

async function openInput(path: string) {
  if (path === "-") return { bytes: process.stdin, total: undefined };
  const handle = await open(path);
  const found = await handle.stat();
  if (found.isDirectory()) throw new Error(`${path} is a folder`);
  const bytes = createReadStream(path, { fd: handle, highWaterMark: READ_BYTES });
  return { bytes, total: found.isFile() ? found.size : undefined };
}

/** Scores a file as a server would; its result appears whole or not at all. */
export async function score(options: ScoreOptions, watcher: Watcher): Promise<Scored> {
  const { format, charset, spreadsheet, strict, maxColumns } = options;
  const { bytes, total } = await openInput(options.input);
  const model = await openModel(options);
  const result = await openResult(options.output, strict);
  watcher.started(() => result.discard());
  const started = performance.now();
  let rows = 0;
  let badRows = 0;
  const seconds = () => (performance.now() - started) / 1000;
  try {
    const { contract } = model;
    const run = {
      format,
      charset,
      spreadsheet,
      contract,
      score: blockScorer(model),
      strict,
      maxColumns,
    };
    for await (const chunk of scoreFile(gunzipped(await readBegin(bytes)), run)) {
      await result.write(chunk.output);
      rows += chunk.rows;
      badRows += chunk.badRows;
      watcher.progress({ rows, bytes: chunk.inputBytes, total, seconds: seconds() });
    }
    await result.commit();
  } catch (error) {
    result.discard();
    throw error;
  }
  await model.retire();
  return { rows, badRows, seconds: seconds() };
}
