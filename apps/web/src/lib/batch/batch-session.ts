import { defaultContract } from "@sepal/schema/contracts/index";
import type { Contract } from "@sepal/schema/define-contract";
import type { Charset } from "@sepal/schema/predict-file";
import { SepalError } from "@sepal/schema/sepal-error";
import { readRecords, type BatchRecords, type ReadAs } from "./batch-records.ts";
import { BatchRun, createPredictRows, type Caller } from "./batch-run.ts";
import { BatchTable } from "./batch-table.ts";
import { pause } from "./pause.ts";
import { evaluate, findTruth, type Evaluation, type TruthColumn } from "./truth.ts";
import { EMPTY_BATCH, type BatchState, type ColumnMapping, type RunTarget } from "./protocol.ts";

/** Blocks that are read or checked before anything else gets its turn. */
const BLOCKS_A_TURN = 8;

/** The charset to try where a file is not in the one it was read by. */
function otherCharset(error: SepalError, { charset }: ReadAs): Charset | null {
  const isCharset = error.validation?.entries.some(({ type }) => type === "string_unicode");
  if (isCharset !== true) return null;
  return charset === "utf-8" ? "windows-1252" : "utf-8";
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
  #truth: TruthColumn | null = null;
  #evaluation: Evaluation | null = null;
  #revision = 0;
  /** Work for an earlier table or mapping must not touch this one. */
  #generation = 0;
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
      name: this.#name,
      bytes: this.source?.size ?? 0,
      problem: this.#problem,
      otherCharset: this.#otherCharset,
      shape: records?.shape ?? null,
      hasHeader: records?.hasHeader ?? true,
      columns: records?.columns ?? [],
      rows: records?.rows ?? 0,
      mapping: table?.mapping ?? [],
      badRows: table?.badRows.length ?? 0,
      answered: table?.answers.answered ?? 0,
      byClass: [...(table?.answers.byClass ?? [])],
      truth: this.#truth,
      evaluation: this.#evaluation,
      wrongRows: table?.wrongRows.length ?? 0,
      run: this.#run?.state ?? null,
      revision: this.#revision,
    };
  }

  /** Forgets the table. */
  clear(): void {
    this.#stop();
    this.#phase = "empty";
    this.#problem = null;
    this.#otherCharset = null;
    this.#readAs = { charset: "utf-8" };
    this.#records = undefined;
    this.#truth = null;
    this.source = undefined;
    this.table = undefined;
    this.#changed();
  }

  /** Chooses whose rules hold; a table that is there is matched and checked anew. */
  async useContract(contract: Contract): Promise<void> {
    if (JSON.stringify(contract) === JSON.stringify(this.contract)) return;
    this.contract = contract;
    await this.#readAgain(this.#readAs);
  }

  /** Reads a table and checks its rows. */
  async load(name: string, source: Blob, readAs: ReadAs = { charset: "utf-8" }): Promise<void> {
    this.clear();
    const generation = this.#generation;
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
        return this.#refuse(
          records?.layout === undefined
            ? "The file has no rows."
            : "The file has a header and no rows.",
        );
      }
      this.table = new BatchTable(this.contract, records);
      this.#truth = findTruth(this.table);
      await this.#check();
    } catch (error) {
      if (generation === this.#generation) this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (error instanceof SepalError) this.#otherCharset = otherCharset(error, this.#readAs);
    const isKnown = error instanceof RangeError || error instanceof SepalError;
    const message = isKnown ? error.message : "the file cannot be read";
    this.#refuse(
      `${message.charAt(0).toUpperCase()}${message.slice(1)}${message.endsWith(".") ? "" : "."}`,
    );
  }

  #refuse(problem: string): void {
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

  /** Reads one feature from another column. */
  async chooseColumn(feature: number, column: number | null): Promise<void> {
    const mapping = this.table?.mapping ?? [];
    await this.#map(mapping.map((known, index) => (index === feature ? column : known)));
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
    const phase = this.#run?.state.phase;
    if (table === undefined || truth === null) return;
    if (phase === undefined || phase === "running" || phase === "waiting") return;
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
    try {
      await this.#check();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Begins a run, or goes on with one that was stopped for the same model. */
  start(target: RunTarget): void {
    const { table } = this;
    if (table === undefined || this.#phase !== "ready") return;
    const last = this.#run?.state;
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

  /** Stops the run; its answers stay. */
  cancel(): void {
    this.#run?.cancel();
  }

  #stop(): void {
    this.#generation += 1;
    this.#run?.cancel();
    this.#run = undefined;
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
