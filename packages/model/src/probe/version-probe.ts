import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import onnxruntime from "onnxruntime-node/package.json" with { type: "json" };
import { failureReason, mayPass } from "../repository/failure-reason.ts";
import { manifestDigest } from "../repository/model-files.ts";
import {
  SHUTTING_DOWN,
  type Admit,
  type Candidate,
  type Verdict,
} from "../repository/admission.ts";
import type { EngineChoice } from "../engine.ts";
import {
  BoundedProcess,
  boundsFor,
  ProcessFailure,
  type ProcessBounds,
} from "./bounded-process.ts";
import type { ProbedVersions } from "./probed-versions.ts";

/** Raised when a probe rejects more than before, so that what an older one passed is probed again. */
const RULES = 2;

/** How long a process without work is kept for the next version, in milliseconds. */
const IDLE_MS = 2000;

/** How long a rejection counts for the same files, in milliseconds: several processes ask for one version. */
const REMEMBERED_MS = 60_000;

const MIB = 2 ** 20;

/** What a probe may take for a small file; a large one has more. */
export const DEFAULT_BOUNDS: ProcessBounds = { deadlineMs: 30_000, memoryBytes: 512 * MIB };

/** What the process is asked. */
export interface ProbeRequest extends Candidate {
  readonly choice: EngineChoice;
}

interface ProbeOptions {
  readonly probed: ProbedVersions;
  /** For a small file. */
  readonly bounds: ProcessBounds;
  /** Version of the program that probes. */
  readonly build: string;
  /** Which engines versions may have. */
  readonly engine: EngineChoice;
}

/** Loads versions in a process of its own before any other process opens them; what has passed once is known by its content. */
export class VersionProbe {
  readonly #options: ProbeOptions;
  readonly #verdicts = new Map<string, Promise<Verdict>>();
  #process: BoundedProcess | undefined;
  #idle: NodeJS.Timeout | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(options: ProbeOptions) {
    this.#options = options;
    // A first start: the process is ready when the first version asks.
    if (options.probed.size === 0) this.#ready();
  }

  #ready(): BoundedProcess {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.#process?.kill(), IDLE_MS).unref();
    if (!this.#process?.alive) {
      this.#process = new BoundedProcess({ script: new URL("probe-process.ts", import.meta.url) });
    }
    return this.#process;
  }

  #key(digest: string, { contract }: Candidate): string {
    const { build, engine } = this.#options;
    const known = [RULES, build, engine, onnxruntime.version, process.arch, digest, contract];
    return createHash("sha256").update(JSON.stringify(known)).digest("hex");
  }

  /** Probes a version, unless its content has passed before. */
  readonly admit: Admit = async (candidate) => {
    try {
      const digest = await manifestDigest(join(candidate.path, candidate.version));
      const engine = this.#options.probed.get(this.#key(digest, candidate));
      if (engine !== undefined) return { digest, engine };
    } catch (error) {
      return { reason: failureReason(error), passing: mayPass(error) };
    }
    const asked = JSON.stringify(candidate);
    const known = this.#verdicts.get(asked);
    if (known !== undefined) return known;
    const verdict = this.#inTurn(candidate);
    this.#verdicts.set(asked, verdict);
    const settled = await verdict;
    const forget = () => this.#verdicts.delete(asked);
    if ("digest" in settled) {
      this.#options.probed.set(this.#key(settled.digest, candidate), settled.engine);
    }
    if ("digest" in settled || settled.passing) forget();
    else setTimeout(forget, REMEMBERED_MS).unref();
    return settled;
  };

  /** One after the other, so that all of them together take no more memory and cores than one. */
  #inTurn(candidate: Candidate): Promise<Verdict> {
    const turn = this.#turn
      .then(() => this.#probe(candidate))
      .catch((error: unknown) => this.#describe(error));
    this.#turn = turn;
    return turn;
  }

  async #probe(candidate: Candidate): Promise<Verdict> {
    const { path, version } = candidate;
    const file = await stat(join(path, version, "model.onnx")).catch(() => undefined);
    const bounds = boundsFor(file?.size ?? 0, this.#options.bounds);
    for (;;) {
      if (this.#closed) return SHUTTING_DOWN;
      const bounded = this.#ready();
      clearTimeout(this.#idle);
      const { used } = bounded;
      try {
        const request: ProbeRequest = { ...candidate, choice: this.#options.engine };
        const verdict: Verdict = JSON.parse(await bounded.ask(request, bounds));
        this.#ready();
        return verdict;
      } catch (error) {
        bounded.kill();
        // What an earlier version left behind in the process must not fail this one.
        const suspect = error instanceof ProcessFailure && error.kind !== "deadline";
        if (!used || !suspect) throw error;
      }
    }
  }

  #describe(error: unknown): Verdict {
    if (this.#closed) return SHUTTING_DOWN;
    if (!(error instanceof ProcessFailure)) return { reason: failureReason(error), passing: false };
    const reason = `loading it in a process of its own failed: ${error.message}`;
    return { reason, passing: error.kind === "start" && mayPass(error.cause) };
  }

  /** Ends the process; what is being probed is not admitted. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#idle);
    this.#process?.kill();
  }
}
