import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { BoundedProcess, boundsFor, ProcessFailure } from "@sepal/model/probe/bounded-process";
import { MISSING_CELLS } from "@sepal/schema/define-contract";
import Papa from "papaparse";
import * as z from "zod";
import type { AddModelOptions, Converted } from "../check-model.ts";
import { readTable } from "../read-files.ts";
import { Refusal } from "../refusal.ts";
import type { CsvTable } from "../table/csv-table.ts";
import { findLayout } from "../table/layout.ts";
import { linesByHand } from "./by-hand.ts";
import { askToOpen, dangerOf, type PickleKind } from "./pickle-file.ts";
import { findPython, type Python } from "./python.ts";

/** How a pickled model is opened. */
export interface PickleOptions {
  /** Whether it may run code; asked on a terminal where it is not said. */
  readonly unpickle: boolean;
  /** The Python that opens it; the one on PATH when absent. */
  readonly python: string | undefined;
}

/** Memory of the process beyond what the file needs, in bytes: the libraries take some 400 MB. */
const MEMORY_BYTES = 3 * 2 ** 30;

/** Seconds for the libraries to be loaded, before the time for the model. */
const START_S = 30;

/** Requests for which the system itself ends the process, should the one that started it be gone. */
const MOST_REQUESTS = 12;

const CONVERTER = fileURLToPath(new URL("convert_pickle.py", import.meta.url));

const refused = z.object({ refusal: z.string() });
const untrusted = z.object({ untrusted: z.array(z.string()) });
const opened = z.object({
  task: z.enum(["classification", "regression"]),
  type: z.string(),
  names: z.array(z.string()).nullable(),
  width: z.int().nullable(),
  classes: z.array(z.string()).nullable(),
  trained_with: z.string().nullable(),
  versions: z.record(z.string(), z.string()),
});
const converted = z.union([
  z.object({ written: z.literal(true) }),
  z.object({ none: z.string().nullable() }),
]);

type Described = z.infer<typeof opened>;

/** The converter, a Python of its own in a folder of its own, without the variables of this process. */
class Converter {
  readonly #process: BoundedProcess;
  readonly #path: string;
  readonly #python: Python;
  readonly #seconds: number;
  readonly #bytes: number;

  constructor(python: Python, folder: string, path: string, seconds: number, bytes: number) {
    this.#path = path;
    this.#python = python;
    this.#seconds = seconds;
    this.#bytes = bytes;
    this.#process = new BoundedProcess({
      program: python.program,
      args: ["-I", "-X", "utf8", CONVERTER],
      cwd: folder,
      env: {
        HOME: folder,
        TMPDIR: folder,
        // Workers of joblib would be processes beside the one that is watched.
        JOBLIB_MULTIPROCESSING: "0",
        OMP_NUM_THREADS: "1",
        OPENBLAS_NUM_THREADS: "1",
      },
    });
  }

  async ask<T>(reply: z.ZodType<T>, request: Readonly<Record<string, unknown>>): Promise<T> {
    const deadlineMs = (this.#seconds + START_S) * 1000;
    const bounds = boundsFor(this.#bytes, { deadlineMs, memoryBytes: MEMORY_BYTES });
    const seconds = Math.ceil((bounds.deadlineMs / 1000) * MOST_REQUESTS);
    const { modules } = this.#python;
    const text = await this.#process
      .ask({ path: this.#path, modules, seconds, ...request }, bounds)
      .catch((cause: unknown) => {
        if (!(cause instanceof ProcessFailure)) throw cause;
        const remedy = cause.kind === "deadline" ? "; --timeout gives it more" : "";
        throw new Refusal(`${this.#python.program}: ${cause.message}${remedy}`, { cause });
      });
    const value: unknown = JSON.parse(text);
    const refusal = refused.safeParse(value);
    if (refusal.success) throw new Refusal(refusal.data.refusal);
    return reply.parse(value);
  }

  end(): void {
    this.#process.kill();
  }
}

/** The headings of the table's columns that an estimator takes, in its order; refuses a table that lacks one. */
function columnsOf(
  table: CsvTable,
  { names, width, classes, type, task }: Described,
  { target, drop }: AddModelOptions,
): string[] {
  const inputs = names?.map((name) => ({ name, datatype: "FP32", width: 1 })) ?? [
    { name: "X", datatype: "FP32", width: width ?? -1 },
  ];
  const { features, inputs: places } = findLayout(table, inputs, {
    model: type,
    remedy: "",
    targets: target,
    drop,
    isClass: task === "classification",
    labels: classes ?? undefined,
    predicted: -1,
  });
  return places.flat().map((place) => table.headings[features[place] ?? -1] ?? "");
}

/** The columns as a CSV file that pandas reads, whatever the dialect of the table. */
function tableText({ headings, records }: CsvTable, columns: readonly string[]): string {
  const places = columns.map((heading) => headings.indexOf(heading));
  const rows = records.map((record) => places.map((place) => record[place] ?? ""));
  return Papa.unparse([columns, ...rows], { newline: "\n" });
}

async function requireConsent(
  { model }: AddModelOptions,
  { unpickle }: PickleOptions,
  danger: string,
): Promise<void> {
  if (unpickle) return;
  const reply = await askToOpen(model, danger);
  if (reply === true) return;
  throw new Refusal(
    reply === false
      ? "it was not opened"
      : `${danger}: where you trust who made it, give --unpickle`,
  );
}

function notesOf({ type, versions, trained_with: trained }: Described): string[] {
  const used = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const lines = [`converted from ${type} with ${used.join(" and ")}`];
  const { "scikit-learn": now } = versions;
  if (trained !== null && trained !== now) {
    lines.push(
      `it was trained with scikit-learn ${trained}, which is not the ${now} that opened it: its predictions there may differ`,
    );
  }
  return lines;
}

/** Adds the model of one graph; throws a {@link Refusal} about the model where another graph of it may do. */
type AddConverted = (conversion: Converted) => Promise<string>;

async function convert(
  options: AddModelOptions,
  pickle: PickleOptions & { readonly kind: PickleKind },
  table: CsvTable,
  folder: string,
  add: AddConverted,
): Promise<string> {
  const isSkops = pickle.kind === "skops";
  if (!isSkops) await requireConsent(options, pickle, dangerOf("pickle", []));
  const python = await findPython(pickle.python, isSkops, folder);
  const path = resolve(options.model);
  const { size: bytes } = await stat(path);
  const converter = new Converter(python, folder, path, options.timeoutS, bytes);
  try {
    if (isSkops) {
      const { untrusted: types } = await converter.ask(untrusted, { step: "types" });
      await requireConsent(options, pickle, dangerOf("skops", types));
    }
    const described = await converter.ask(opened, { step: "open", skops: isSkops });
    const columns = columnsOf(table, described, options);
    const place = (name: string) => join(folder, name);
    const files = {
      table: place("table.csv"),
      predictions: place("predictions.json"),
      onnx: place("model.onnx"),
    };
    await writeFile(files.table, tableText(table, columns));
    const { onnx, predictions } = files;
    const conversion: Converted = {
      onnx,
      predictions,
      features: described.names === null ? undefined : columns,
      notes: notesOf(described),
      versions: described.versions,
    };
    let first: Refusal | undefined;
    for (;;) {
      const reply = await converter.ask(converted, {
        step: "convert",
        missing: MISSING_CELLS,
        ...files,
      });
      if ("none" in reply) {
        throw first ?? new Refusal(`skl2onnx cannot convert ${described.type}: ${reply.none}`);
      }
      try {
        return await add(conversion);
      } catch (error) {
        if (!(error instanceof Refusal && error.place === "model")) throw error;
        first ??= error;
      }
    }
  } finally {
    converter.end();
  }
}

/**
 * Opens a pickled model with a Python of the user's, converts it and adds it by `add`; returns the report.
 *
 * Refuses without consent, without a Python that can, and where no graph of it predicts as it does; each time with the three
 * lines that make an ONNX file where the model was trained.
 */
export async function addPickled(
  options: AddModelOptions,
  pickle: PickleOptions & { readonly kind: PickleKind },
  add: AddConverted,
): Promise<string> {
  const table = await readTable(options.data, options.charset);
  const folder = await mkdtemp(join(tmpdir(), "sepal-pickle-"));
  try {
    return await convert(options, pickle, table, folder, add);
  } catch (cause) {
    if (!(cause instanceof Refusal) || cause.place !== undefined) throw cause;
    const lines = linesByHand(table, options).map((line) => `  ${line}`);
    const own = cause.message.startsWith(options.model) ? "" : `${options.model}: `;
    throw new Refusal(
      [
        `${own}${cause.message}`,
        "Or, where the model was trained, as `model`:",
        ...lines,
        "and then add model.onnx with the same --data",
      ].join("\n"),
      { cause },
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
