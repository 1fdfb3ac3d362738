import { contracts, defaultContract } from "@sepal/schema/contracts/index";
import type { Contract } from "@sepal/schema/define-contract";
import { BatchRecords, unifyLineBreaks } from "./batch-records.ts";
import { BatchRun, createPredictRows } from "./batch-run.ts";
import { BatchTable } from "./batch-table.ts";
import type { ColumnMapping } from "./match-columns.ts";
import { pause } from "./pause.ts";
import { EMPTY_BATCH, type BatchState, type RunTarget } from "./protocol.ts";

/** Encoding that a byte order mark names; UTF-8 without one. */
function encodingOf([first, second]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) return "utf-16le";
  return first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
}

/** The text of a file in slices, without a byte order mark; no slice ends between `\r` and `\n`. */
async function* readText(source: Blob): AsyncGenerator<string> {
  const encoding = encodingOf(new Uint8Array(await source.slice(0, 2).arrayBuffer()));
  const decoder = new TextDecoder(encoding);
  const reader = source.stream().getReader();
  let held = "";
  for (;;) {
    const { done, value } = await reader.read();
    const text = held + (done ? decoder.decode() : decoder.decode(value, { stream: true }));
    held = !done && text.endsWith("\r") ? "\r" : "";
    const slice = held === "" ? text : text.slice(0, -1);
    if (slice !== "") yield slice;
    if (done) return;
  }
}

/** Rows that are checked before anything else gets its turn. */
const CHECK_ROWS = 4000;

/** One table and its run, as the worker holds them; `onChange` is called whenever `state` is another. */
export class BatchSession {
  readonly #onChange: () => void;
  readonly #headers: () => Record<string, string>;
  /** Whose rules hold. */
  contract: Contract = defaultContract;
  #phase: BatchState["phase"] = "empty";
  #problem: string | null = null;
  #records: BatchRecords | undefined;
  #name = "";
  #run: BatchRun | undefined;
  #revision = 0;
  /** Work for an earlier table or mapping must not touch this one. */
  #generation = 0;
  /** The text of the table as it came. */
  source: Blob | undefined;
  table: BatchTable | undefined;

  constructor(onChange: () => void, headers: () => Record<string, string>) {
    this.#onChange = onChange;
    this.#headers = headers;
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
      shape: records?.shape ?? null,
      hasHeader: records?.hasHeader ?? true,
      columns: records?.columns ?? [],
      rows: records?.rows ?? 0,
      mapping: table?.mapping ?? [],
      badRows: table?.badRows.length ?? 0,
      answered: table?.answers.answered ?? 0,
      byClass: [...(table?.answers.byClass ?? [])],
      run: this.#run?.state ?? null,
      revision: this.#revision,
    };
  }

  /** Forgets the table. */
  clear(): void {
    this.#stop();
    this.#phase = "empty";
    this.#problem = null;
    this.#records = undefined;
    this.source = undefined;
    this.table = undefined;
    this.#changed();
  }

  /** Chooses whose rules hold; a table that is there is matched and checked anew. */
  async useContract(name: string): Promise<void> {
    const byName: Readonly<Record<string, Contract>> = contracts;
    const contract = Object.hasOwn(byName, name) ? byName[name] : undefined;
    if (contract === undefined || contract === this.contract) return;
    this.contract = contract;
    if (this.source !== undefined) await this.load(this.#name, this.source);
  }

  /** Reads a table and checks its rows. */
  async load(name: string, source: Blob): Promise<void> {
    this.clear();
    const generation = this.#generation;
    this.#name = name;
    this.source = source;
    this.#phase = "reading";
    this.#changed();
    try {
      for await (const slice of readText(source)) {
        if (generation !== this.#generation) return;
        this.#records ??= new BatchRecords(this.contract, slice);
        this.#records.push(unifyLineBreaks(slice));
        this.#changed();
        await pause(0);
      }
      this.#records?.end();
    } catch (error) {
      return this.#refuse(error instanceof RangeError ? error.message : "The file cannot be read.");
    }
    const records = this.#records;
    if (records === undefined || records.records.length === 0)
      return this.#refuse("The file is empty.");
    if (records.rows === 0) return this.#refuse("The file has a header and no rows.");
    this.table = new BatchTable(this.contract, records);
    await this.#check();
  }

  #refuse(problem: string): void {
    this.#problem = problem;
    this.#phase = "ready";
    this.#changed();
  }

  /** Says whether the first row holds names. */
  async setHeader(hasHeader: boolean): Promise<void> {
    if (this.table === undefined) return;
    this.table.records.hasHeader = hasHeader;
    await this.#map(this.table.matched());
  }

  /** Reads one feature from another column. */
  async chooseColumn(feature: number, column: number | null): Promise<void> {
    const mapping = this.table?.mapping ?? [];
    await this.#map(mapping.map((known, index) => (index === feature ? column : known)));
  }

  async #map(mapping: ColumnMapping): Promise<void> {
    if (this.table === undefined) return;
    this.#stop();
    this.table.mapping = mapping;
    this.table.restart();
    await this.#check();
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
    this.#run = new BatchRun({
      table,
      target,
      predictRows: createPredictRows(table.contract, this.#headers),
      elapsedBefore: goesOn ? last.elapsed : 0,
      onChange: () => this.#changed(),
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
  }

  async #check(): Promise<void> {
    const { table } = this;
    if (table === undefined) return;
    const generation = this.#generation;
    this.#phase = "checking";
    for (let from = 0; from < table.records.rows; from += CHECK_ROWS) {
      table.check(from, from + CHECK_ROWS);
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
