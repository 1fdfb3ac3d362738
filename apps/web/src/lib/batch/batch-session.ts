import { defaultContract } from "@sepal/schema/contracts/index";
import { contractData, type Contract } from "@sepal/schema/define-contract";
import type { Charset } from "@sepal/schema/predict-file";
import { SepalError } from "@sepal/schema/sepal-error";
import { columnSamples, readRecords, type BatchRecords, type ReadAs } from "./batch-records.ts";
import { BatchRun, createPredictRows, type Caller } from "./batch-run.ts";
import { BatchTable } from "./batch-table.ts";
import { pause } from "./pause.ts";
import { guessColumns } from "./guess-columns.ts";
import type { KeptRun, KeptTable } from "./kept-batch.ts";
import { evaluate, findTruth, type Evaluation, type TruthColumn } from "./truth.ts";
import {
  EMPTY_BATCH,
  isRunning,
  unmappedFeatures,
  type BatchState,
  type ChosenModel,
  type ColumnMapping,
  type RunState,
  type RunTarget,
} from "./protocol.ts";

/** Blocks that are read or checked before anything else gets its turn. */
const BLOCKS_A_TURN = 8;

/** The charset to try where a file is not in the one it was read by. */
function otherCharset(error: SepalError, { charset }: ReadAs): Charset | null {
  const isCharset = error.validation?.entries.some(({ type }) => type === "string_unicode");
  if (isCharset !== true) return null;
  return charset === "utf-8" ? "windows-1252" : "utf-8";
}

let readings = 0;

/** An id that no other reading of a table in this tab has. */
function newReading(): string {
  readings += 1;
  return `${Date.now()}-${readings}`;
}

/** One table and its run, as the worker holds them; `onChange` is called whenever `state` is another. */
export class BatchSession {
  readonly #onChange: () => void;
  readonly #caller: Caller;
  /** Whose rules hold. */
  contract: Contract = defaultContract;
  #phase: BatchState["phase"] = "empty";
  #problem: string | null = null;
  #otherCharset: Charset | null = null;
  #readAs: ReadAs = { charset: "utf-8" };
  #records: BatchRecords | undefined;
  #name = "";
  #run: BatchRun | undefined;
  /** The run of a table that was kept, until another begins. */
  #keptRun: RunState | undefined;
  #chosen: ChosenModel | null = null;
  #kept = false;
  #samples: readonly (readonly string[])[] = [];
  #guessed: readonly number[] = [];
  #truth: TruthColumn | null = null;
  #evaluation: Evaluation | null = null;
  #revision = 0;
  /** Work for an earlier table or mapping must not touch this one. */
  #generation = 0;
  /** Of the reading that the table comes from. */
  #id = "";
  /** The text of the table as it came. */
  source: Blob | undefined;
  table: BatchTable | undefined;

  constructor(onChange: () => void, caller: Caller) {
    this.#onChange = onChange;
    this.#caller = caller;
  }

  /** What the page knows. */
  get state(): BatchState {
    const { table } = this;
    const records = this.#records;
    return {
      ...EMPTY_BATCH,
      phase: this.#phase,
      chosen: this.#chosen,
      kept: this.#kept,
      name: this.#name,
      bytes: this.source?.size ?? 0,
      problem: this.#problem,
      otherCharset: this.#otherCharset,
      shape: records?.shape ?? null,
      hasHeader: records?.hasHeader ?? true,
      columns: records?.columns ?? [],
      rows: records?.rows ?? 0,
      mapping: table?.mapping ?? [],
      samples: this.#samples,
      guessed: this.#guessed,
      badRows: table?.badRows.length ?? 0,
      answered: table?.answers.answered ?? 0,
      byClass: [...(table?.answers.byClass ?? [])],
      truth: this.#truth,
      evaluation: this.#evaluation,
      wrongRows: table?.wrongRows.length ?? 0,
      run: this.#run?.state ?? this.#keptRun ?? null,
      revision: this.#revision,
    };
  }

  /** Forgets the table. */
  clear(): void {
    this.#reset();
    this.#changed();
  }

  #reset(): void {
    this.#stop();
    this.#phase = "empty";
    this.#problem = null;
    this.#otherCharset = null;
    this.#readAs = { charset: "utf-8" };
    this.#records = undefined;
    this.#truth = null;
    this.#kept = false;
    this.#samples = [];
    this.#guessed = [];
    this.source = undefined;
    this.table = undefined;
  }

  /** Chooses whose rules hold; a table that is there is matched and checked anew. */
  async useContract(contract: Contract, chosen: ChosenModel): Promise<void> {
    this.#chosen = chosen;
    this.#changed();
    if (JSON.stringify(contract) === JSON.stringify(this.contract)) return;
    this.contract = contract;
    await this.#readAgain(this.#readAs);
  }

  /** Shows that the table survives a reload, or that it does not. */
  set kept(kept: boolean) {
    this.#kept = kept;
    this.#changed();
  }

  /** What is kept of the table; `undefined` without one. */
  get keptTable(): KeptTable | undefined {
    const { source, contract } = this;
    const chosen = this.#chosen;
    if (source === undefined || chosen === null) return undefined;
    // Without the functions of a compiled contract, which cannot be stored.
    return {
      id: this.#id,
      name: this.#name,
      source,
      readAs: this.#readAs,
      contract: contractData(contract),
      chosen,
    };
  }

  /** What is kept of the run; `undefined` where the table is not read yet. */
  get keptRun(): KeptRun | undefined {
    const { table } = this;
    const isRead = this.#phase === "mapping" || this.#phase === "ready";
    if (table === undefined || !isRead) return undefined;
    const run = this.#run?.state ?? this.#keptRun ?? null;
    return {
      table: this.#id,
      mapping: this.#phase === "mapping" ? null : table.mapping,
      truth: this.#truth,
      run,
      answers: table.answers.snapshot(),
    };
  }

  /** Takes a table over that was kept, and resumes the run that it was in. */
  async restore(kept: KeptTable, run: KeptRun | undefined): Promise<void> {
    this.contract = kept.contract;
    this.#chosen = kept.chosen;
    await this.#read(kept, run?.mapping ?? undefined);
    const { table } = this;
    // Another table may have been loaded meanwhile.
    if (this.#id !== kept.id || table === undefined || this.#phase !== "ready" || !run) return;
    this.#truth = run.truth;
    if (run.run === null) return this.#changed();
    table.answers.restore(run.answers);
    const wasRunning = isRunning(run);
    const phase = wasRunning ? "cancelled" : run.run.phase;
    this.#keptRun = { ...run.run, phase, failure: null, retryAt: null, secondsLeft: null };
    this.#changed();
    if (wasRunning) this.start(run.run.target);
    else await this.#evaluate();
  }

  /** Reads a table and checks its rows. */
  async load(name: string, source: Blob, readAs: ReadAs = { charset: "utf-8" }): Promise<void> {
    await this.#read({ id: newReading(), name, source, readAs });
  }

  /** With a mapping that was confirmed, reads without asking again. */
  async #read(
    { id, name, source, readAs }: Pick<KeptTable, "id" | "name" | "source" | "readAs">,
    mapping?: ColumnMapping,
  ): Promise<void> {
    this.#reset();
    const generation = this.#generation;
    this.#id = id;
    this.#name = name;
    this.source = source;
    this.#readAs = readAs;
    this.#phase = "reading";
    this.#changed();
    try {
      for await (const records of readRecords(this.contract, source, readAs)) {
        if (generation !== this.#generation) return;
        this.#records = records;
        if (records.blocks.length % BLOCKS_A_TURN !== 0) continue;
        this.#changed();
        await pause(0);
      }
      if (generation !== this.#generation) return;
      const records = this.#records;
      if (records === undefined || records.rows === 0) {
        return this.#reject(
          records?.layout === undefined
            ? "The file has no rows."
            : "The file has a header and no rows.",
        );
      }
      this.table = new BatchTable(this.contract, records);
      this.#samples = columnSamples(records);
      if (mapping === undefined) this.#guess(this.table);
      else this.table.mapping = mapping;
      this.#truth = findTruth(this.table);
      if (mapping === undefined && (this.#guessed.length > 0 || this.#lacksColumns())) {
        return this.#askForColumns();
      }
      await this.#check();
    } catch (error) {
      if (generation === this.#generation) this.#fail(error);
    }
  }

  /** Guesses the columns of features that no heading names. */
  #guess(table: BatchTable): void {
    const { contract, records, mapping } = table;
    if (!this.#lacksColumns()) return;
    const { columns } = records;
    table.mapping = guessColumns({ contract, columns, samples: this.#samples, mapping });
    this.#guessed = table.mapping.flatMap((column, index) =>
      column === (mapping[index] ?? null) ? [] : [index],
    );
  }

  #lacksColumns(): boolean {
    const { table, contract } = this;
    if (table === undefined) return false;
    const { mapping, records } = table;
    const { columns, format, hasLists } = records;
    if (hasLists) return false;
    return unmappedFeatures(contract, { columns, mapping, format }).length > 0;
  }

  #askForColumns(): void {
    this.#phase = "mapping";
    this.#changed();
  }

  #fail(error: unknown): void {
    if (error instanceof SepalError) this.#otherCharset = otherCharset(error, this.#readAs);
    const isKnown = error instanceof RangeError || error instanceof SepalError;
    const message = isKnown ? error.message : "the file cannot be read";
    this.#reject(
      `${message.charAt(0).toUpperCase()}${message.slice(1)}${message.endsWith(".") ? "" : "."}`,
    );
  }

  #reject(problem: string): void {
    this.#problem = problem;
    this.#phase = "ready";
    this.#changed();
  }

  /** Says whether the first row holds names. */
  async setHeader(hasHeader: boolean): Promise<void> {
    await this.#readAgain({ ...this.#readAs, hasHeader });
  }

  /** Says how the table is encoded. */
  async setCharset(charset: Charset): Promise<void> {
    await this.#readAgain({ ...this.#readAs, charset });
  }

  async #readAgain(readAs: ReadAs): Promise<void> {
    if (this.source !== undefined) await this.load(this.#name, this.source, readAs);
  }

  /** Takes the columns as they are shown, and checks the rows. */
  async confirmColumns(): Promise<void> {
    if (this.#phase !== "mapping" || this.#lacksColumns()) return;
    this.#guessed = [];
    await this.#map(this.table?.mapping ?? []);
  }

  /** Reads one feature from another column. */
  async chooseColumn(feature: number, column: number | null): Promise<void> {
    const { table } = this;
    if (table === undefined) return;
    const mapping = table.mapping.map((known, index) => (index === feature ? column : known));
    if (this.#phase !== "mapping") return this.#map(mapping);
    table.mapping = mapping;
    this.#guessed = this.#guessed.filter((index) => index !== feature);
    this.#changed();
  }

  /** Says which column holds what was true. */
  chooseTruth(truth: TruthColumn | null): void {
    this.#truth = truth;
    this.#evaluation = null;
    if (this.table !== undefined) this.table.wrongRows = [];
    this.#changed();
    void this.#evaluate();
  }

  /** Compares the predictions with the truth, once no run is under way. */
  async #evaluate(): Promise<void> {
    const { table } = this;
    const truth = this.#truth;
    const { state } = this;
    if (table === undefined || truth === null || state.run === null || isRunning(state)) return;
    const generation = this.#generation;
    const { evaluation, wrongRows } = await evaluate(table, truth);
    if (generation !== this.#generation || truth !== this.#truth) return;
    this.#evaluation = evaluation.rows === 0 ? null : evaluation;
    table.wrongRows = wrongRows;
    this.#changed();
  }

  async #map(mapping: ColumnMapping): Promise<void> {
    if (this.table === undefined) return;
    this.#stop();
    this.table.mapping = mapping;
    this.table.restart();
    if (this.#lacksColumns()) return this.#askForColumns();
    try {
      await this.#check();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Starts a run, or resumes one that was stopped for the same model. */
  start(target: RunTarget): void {
    const { table } = this;
    if (table === undefined || this.#phase !== "ready") return;
    const last = this.#run?.state ?? this.#keptRun;
    const goesOn =
      (last?.phase === "cancelled" || last?.phase === "failed") &&
      last.target.model === target.model &&
      last.target.version === target.version;
    if (!goesOn) table.forgetAnswers();
    this.#run?.cancel();
    this.#evaluation = null;
    this.#run = new BatchRun({
      table,
      target,
      predictRows: createPredictRows(table.contract, this.#caller),
      elapsedBefore: goesOn ? last.elapsed : 0,
      onChange: () => this.#changed(),
      onEnd: () => void this.#evaluate(),
    });
    this.#changed();
  }

  /** Stops the run; its predictions are kept. */
  cancel(): void {
    this.#run?.cancel();
  }

  #stop(): void {
    this.#generation += 1;
    this.#run?.cancel();
    this.#run = undefined;
    this.#keptRun = undefined;
    this.#evaluation = null;
  }

  async #check(): Promise<void> {
    const { table } = this;
    if (table === undefined) return;
    const generation = this.#generation;
    this.#phase = "checking";
    for (let index = 0; index < table.records.blocks.length; index += 1) {
      table.check(index);
      if (index % BLOCKS_A_TURN !== 0) continue;
      this.#changed();
      await pause(0);
      if (generation !== this.#generation) return;
    }
    this.#phase = "ready";
    this.#changed();
  }

  #changed(): void {
    this.#revision += 1;
    this.#onChange();
  }
}
