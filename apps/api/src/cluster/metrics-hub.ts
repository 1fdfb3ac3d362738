import { AggregatorRegistry, type Registry } from "prom-client";
import type { Snapshot } from "./messages.ts";

/** Longest wait for a worker's snapshot, in milliseconds; its last one is used then. */
const PATIENCE_MS = 500;

/** A process that can be asked for its metrics. */
export interface Member {
  readonly id: number;
  ask(request: number): void;
}

interface Question {
  readonly missing: Set<number>;
  readonly done: () => void;
}

/** Counters and histograms: what must not go back when a process dies. */
function cumulative(snapshot: Snapshot): Snapshot {
  // prom-client types its metric types as an enum and fills them with words.
  return snapshot.filter(({ type }) => ["counter", "histogram"].includes(String(type)));
}

/** Sums the metrics of all processes, keeping the counts of those that have ended. */
export class MetricsHub {
  readonly #own: Registry;
  readonly #members = new Map<number, Member>();
  readonly #last = new Map<number, Snapshot>();
  readonly #questions = new Map<number, Question>();
  /** The counts of processes that have ended; folded into one from time to time. */
  #dead: readonly Snapshot[] = [];
  #folding = false;
  #nextQuestion = 0;

  /** `own` holds the metrics of the primary itself. */
  constructor(own: Registry) {
    this.#own = own;
  }

  join(member: Member): void {
    this.#members.set(member.id, member);
  }

  /** Takes a process out and keeps the counts of its last snapshot for good. */
  leave(id: number): void {
    this.#members.delete(id);
    const last = this.#last.get(id);
    this.#last.delete(id);
    for (const question of this.#questions.values()) this.#settle(question, id);
    if (last === undefined) return;
    this.#dead = [...this.#dead, cumulative(last)];
    void this.#fold();
  }

  async #fold(): Promise<void> {
    if (this.#folding || this.#dead.length < 2) return;
    this.#folding = true;
    const folded = this.#dead;
    try {
      const sum = await AggregatorRegistry.aggregate([...folded]).getMetricsAsJSON();
      // More may have died meanwhile.
      this.#dead = [sum, ...this.#dead.slice(folded.length)];
    } catch {
      // They stay unfolded, and `metrics` fails with the same error.
    } finally {
      this.#folding = false;
    }
  }

  /** Takes in a snapshot; `question` names the round it belongs to, if any. */
  receive(id: number, snapshot: Snapshot, question: number | undefined): void {
    if (!this.#members.has(id)) return;
    this.#last.set(id, snapshot);
    const asked = question === undefined ? undefined : this.#questions.get(question);
    if (asked !== undefined) this.#settle(asked, id);
  }

  #settle(question: Question, id: number): void {
    question.missing.delete(id);
    if (question.missing.size === 0) question.done();
  }

  /** The metrics of all processes together. */
  async sum(): Promise<Registry> {
    await this.#collect();
    const own = await this.#own.getMetricsAsJSON();
    return AggregatorRegistry.aggregate([own, ...this.#dead, ...this.#last.values()]);
  }

  #collect(): Promise<void> {
    const id = this.#nextQuestion;
    this.#nextQuestion += 1;
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#questions.delete(id);
        resolve();
      };
      const timer = setTimeout(done, PATIENCE_MS);
      const missing = new Set(this.#members.keys());
      this.#questions.set(id, { missing, done });
      if (missing.size === 0) return done();
      for (const member of this.#members.values()) member.ask(id);
      return undefined;
    });
  }
}
