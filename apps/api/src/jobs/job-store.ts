import type { Readable } from "node:stream";
import type { FileFormat, ScoringState } from "@sepal/schema/files/file-format";
import type { JobStatus } from "@sepal/schema/job";
import type { Charset } from "@sepal/schema/predict-file";

/** What is to be done with an input. */
export interface JobOrder {
  /** The caller that may see the job; empty where callers need no credential. */
  readonly client: string;
  readonly format: FileFormat;
  readonly charset: Charset;
  /** Make the cells of a CSV result safe for spreadsheets. */
  readonly spreadsheet: boolean;
  readonly contract: string;
  readonly model: string;
  readonly version: string;
  /** Fail at the first bad row. */
  readonly strict: boolean;
  /** The client's name for this order, and what distinguishes it from another order of the same name. */
  readonly idempotency: { readonly key: string; readonly fingerprint: string } | undefined;
}

/** A job as stores return it; times are milliseconds since the Unix epoch. */
export interface JobRecord {
  readonly id: string;
  readonly status: JobStatus;
  readonly format: FileFormat;
  readonly charset: Charset;
  readonly rowsDone: number;
  readonly rowsBad: number;
  readonly rowsTotal: number | null;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  readonly error: string | null;
  /** Grows with every change. */
  readonly revision: number;
}

/** An input that is stored and belongs to no job yet. */
export interface ReceivedInput {
  readonly id: string;
  readonly bytes: number;
  /** SHA-256 of the bytes, lower-case hex. */
  readonly sha256: string;
}

/** The result of a job, from its first byte. */
export interface JobResult {
  readonly bytes: number;
  readonly stream: Readable;
}

/** The key was given to another order before. */
export class OtherOrderError extends Error {
  constructor(key: string) {
    super(`the key "${key}" is another order's`);
    this.name = "OtherOrderError";
  }
}

/** Where jobs are kept, as the routes see it; any process may ask for any job. */
export interface JobStore {
  /** Fails with `unavailable` where no further job would be taken. */
  admit(): Promise<void>;
  /**
   * Stores an input durably, its bytes reserved before they are written: `declared` of them, where the length is known,
   * before the source is read.
   *
   * Fails with `too_large`, with `unavailable` when there is no room, and as the source does; then it keeps nothing.
   */
  receive(source: AsyncIterable<Uint8Array>, declared: number | undefined): Promise<ReceivedInput>;
  /** Forgets an input of which no job was made. */
  discard(input: ReceivedInput): Promise<void>;
  /**
   * Makes a queued job, durably, or finds the one that the same order made before.
   *
   * Fails with {@link OtherOrderError} and with `unavailable` when the queue is full.
   */
  create(input: ReceivedInput, order: JobOrder): Promise<JobRecord>;
  /** How many jobs wait. */
  queued(): Promise<number>;
  get(id: string, client: string): Promise<JobRecord | undefined>;
  /** Cancels a job that has not ended; gives it as it then is. */
  cancel(id: string, client: string): Promise<JobRecord | undefined>;
  /** The result of a job that succeeded. */
  result(id: string): Promise<JobResult>;
  close(): void;
}

/** A chunk of a job that this runner alone works on, as long as it holds the claim. */
export interface Claim {
  readonly id: string;
  /** Which part of the file it is, from 0 on; 0 is all of it until it is cut. */
  readonly chunk: number;
  /** Counts the claims of the chunk: what an earlier one does from now on is void. */
  readonly attempt: number;
  readonly order: JobOrder;
  readonly rowsTotal: number | null;
  /** Where the last checkpoint was. */
  readonly state: ScoringState | null;
  /** SHA-256 of the model that the rows before it were scored with; `null` where there are none. */
  readonly checksum: string | null;
}

/** What was done since the last checkpoint. */
export interface Progress {
  readonly output: readonly Uint8Array[];
  readonly rows: number;
  readonly badRows: number;
  readonly state: ScoringState;
  /** SHA-256 of the model that did it: what goes on from here has to be the same. */
  readonly checksum: string;
}

/** What was found in a file before it is scored. */
export interface Counted {
  readonly rowsTotal: number;
  /** Where further chunks begin, at least `chunkBytes` from one another. */
  readonly cuts: readonly ScoringState[];
  /** SHA-256 of the model that is to score all of them. */
  readonly checksum: string;
}

/** How a claim ends: for good, or to be claimed again after `delayMs`. */
export type Outcome =
  | { readonly status: "succeeded" }
  | { readonly status: "failed"; readonly error: string }
  | { readonly status: "queued"; readonly error: string | null; readonly delayMs: number };

/** The claim is lost: the job was cancelled, or another runner has it. */
export class ClaimLostError extends Error {
  constructor(id: string) {
    super(`job ${id} is not held any more`);
    this.name = "ClaimLostError";
  }
}

/** Where jobs are kept, as the runner sees it. What works on a lost claim fails with {@link ClaimLostError}. */
export interface JobQueue {
  /** Bytes of a chunk; infinite where all runners share one disk, and a job is one chunk. */
  readonly chunkBytes: number;
  /** The oldest chunk without a runner, of a job that has begun first. */
  claim(): Promise<Claim | undefined>;
  /** The input from byte `start` to the end of the chunk. */
  input(claim: Claim, start: number): AsyncIterable<Uint8Array>;
  /** Fails when the claim is lost. */
  assertHeld(claim: Claim): Promise<void>;
  /** Extends the claim: the runner is alive. */
  renew(claim: Claim): Promise<void>;
  /** Stores how many rows the input has, and cuts it: other runners take the chunks behind the first cut. */
  counted(claim: Claim, counted: Counted): Promise<void>;
  /** Adds to the result and moves the checkpoint behind it: both or neither; fails with `too_large` where it does not fit. */
  checkpoint(claim: Claim, progress: Progress): Promise<void>;
  /** Ends the claim; returns what becomes of the job by that. */
  end(claim: Claim, outcome: Outcome): Promise<JobStatus>;
  /** Why the store failed for now, in words for the client; absent when something else did. */
  fault(error: unknown): string | undefined;
  /** Removes jobs that ended long ago, and files that belong to none. */
  sweep(): Promise<void>;
  close(): void;
}
