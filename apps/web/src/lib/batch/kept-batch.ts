import type { Contract } from "@sepal/schema/define-contract";
import { createStore, delMany, get, keys, set, type UseStore } from "idb-keyval";
import type { ReadAs } from "./batch-records.ts";
import type { KeptAnswers } from "./batch-table.ts";
import type { ChosenModel, ColumnMapping, RunState } from "./protocol.ts";
import type { TruthColumn } from "./truth.ts";

/** A table as it is kept: its text, and how it was read. */
export interface KeptTable {
  /** Of this reading: another file, header, charset or contract has another. */
  readonly id: string;
  readonly name: string;
  readonly source: Blob;
  readonly readAs: ReadAs;
  readonly contract: Contract;
  readonly chosen: ChosenModel;
}

/** What was made of a table. */
export interface KeptRun {
  /** The {@link KeptTable.id} of the table that was predicted. */
  readonly table: string;
  /** `null` where it is not confirmed. */
  readonly mapping: ColumnMapping | null;
  readonly truth: TruthColumn | null;
  readonly run: RunState | null;
  readonly answers: KeptAnswers;
}

/** Tables of tabs that are closed are deleted after this long, in milliseconds. */
const KEPT_MS = 86_400_000;

/** The table of a tab in the browser's storage (IndexedDB). A browser that has none, or no room, keeps nothing. */
export class BatchShelf {
  #store: UseStore | undefined;
  #tab = "";
  /** What was written last. */
  id: string | undefined;
  chosen: ChosenModel | undefined;

  /** Reads what a tab has, and deletes what tabs left behind a day ago. */
  async open(tab: string): Promise<{ table?: KeptTable | undefined; run?: KeptRun | undefined }> {
    this.#tab = tab;
    try {
      const store = createStore("sepal-batch", "tabs");
      const names = await keys<string>(store);
      const old = await Promise.all(
        names
          .filter((name) => name.endsWith("/seen") && name !== `${tab}/seen`)
          .map(async (name) => ({ name, seen: (await get<number>(name, store)) ?? 0 })),
      );
      const gone = old.filter(({ seen }) => seen < Date.now() - KEPT_MS);
      await delMany(
        gone.flatMap(({ name }) => {
          const other = name.slice(0, -"/seen".length);
          return [name, `${other}/table`, `${other}/run`];
        }),
        store,
      );
      const table = await get<KeptTable>(`${tab}/table`, store);
      const run = await get<KeptRun>(`${tab}/run`, store);
      this.#store = store;
      this.id = table?.id;
      this.chosen = table?.chosen;
      // A tab that was closed in between may have a new table beside the run of the one before.
      return { table, run: run?.table === table?.id ? run : undefined };
    } catch {
      return {};
    }
  }

  /** Keeps a table, or forgets the one before; says whether it is kept. */
  async keepTable(table: KeptTable | undefined): Promise<boolean> {
    const store = this.#store;
    const tab = this.#tab;
    this.id = table?.id;
    this.chosen = table?.chosen;
    if (store === undefined) return false;
    try {
      if (table === undefined) {
        await delMany([`${tab}/seen`, `${tab}/table`, `${tab}/run`], store);
        return false;
      }
      await set(`${tab}/seen`, Date.now(), store);
      await set(`${tab}/table`, table, store);
      return true;
    } catch {
      return false;
    }
  }

  /** Keeps what was made of the table so far. */
  async keepRun(run: KeptRun | undefined): Promise<void> {
    if (this.#store === undefined || run === undefined) return;
    try {
      await set(`${this.#tab}/run`, run, this.#store);
    } catch {
      // Without room the rows are predicted again after a reload.
    }
  }
}
