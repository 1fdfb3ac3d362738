import { arrivalGap } from "../statistics/arrivals.ts";
import { sendBad } from "./bad-requests.ts";
import { GOOD_REQUESTS, type SoakTools } from "./good-requests.ts";

/** Kinds of requests. */
export type Kind = keyof typeof GOOD_REQUESTS | "bad";

/** Of a thousand requests, how many are of each kind. */
const MIX: Readonly<Record<Kind, number>> = {
  single: 600,
  trpc: 290,
  bad: 70,
  calls: 20,
  batch: 12,
  stream: 4,
  file: 4,
};

const KINDS = Object.keys(MIX) as Kind[];
const MIX_SUM = KINDS.reduce((sum, kind) => sum + MIX[kind], 0);

/** What became of the traffic; times are those of right single predictions, in milliseconds. */
export interface TrafficCounts {
  readonly sent: Record<Kind, number>;
  readonly right: Record<Kind, number>;
  wrong: number;
  /** The first reasons. */
  readonly reasons: string[];
  readonly singleTimes: number[];
}

const KEPT_REASONS = 5;

function none(): Record<Kind, number> {
  return { single: 0, trpc: 0, calls: 0, batch: 0, file: 0, stream: 0, bad: 0 };
}

/** Mixed requests that arrive as a Poisson process, whatever became of the ones before. */
export class Traffic {
  readonly counts: TrafficCounts = {
    sent: none(),
    right: none(),
    wrong: 0,
    reasons: [],
    singleTimes: [],
  };
  readonly #tools: SoakTools;
  readonly #rate: number;
  readonly #underWay = new Set<Promise<void>>();
  #due = 0;
  #timer: NodeJS.Timeout | undefined;

  /** `rate` counts requests of all kinds a second. */
  constructor(tools: SoakTools, rate: number) {
    this.#tools = tools;
    this.#rate = rate;
  }

  get underWay(): number {
    return this.#underWay.size;
  }

  /** Sends one request of each kind and waits for them. */
  async sendEachKind(): Promise<void> {
    await Promise.all(KINDS.map((kind) => this.#send(kind, performance.now())));
  }

  start(): void {
    this.#due = performance.now();
    this.#timer = setInterval(() => this.#sendDue(), 1);
  }

  /** Sends no more, and waits for what is under way. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#underWay);
  }

  /** Counts an answer of somebody else's request, such as that of a swap. */
  countWrong(reason: string): void {
    this.counts.wrong += 1;
    if (this.counts.reasons.length < KEPT_REASONS) this.counts.reasons.push(reason);
  }

  #sendDue(): void {
    const { random } = this.#tools;
    for (const now = performance.now(); this.#due <= now;) {
      const sending = this.#send(this.#draw(), this.#due);
      this.#underWay.add(sending);
      void sending.finally(() => this.#underWay.delete(sending));
      this.#due += arrivalGap("poisson", this.#rate, random);
    }
  }

  #draw(): Kind {
    let left = this.#tools.random() * MIX_SUM;
    return KINDS.find((kind) => (left -= MIX[kind]) < 0) ?? "single";
  }

  async #send(kind: Kind, due: number): Promise<void> {
    const { client, random } = this.#tools;
    this.counts.sent[kind] += 1;
    try {
      await (kind === "bad" ? sendBad(client, random) : GOOD_REQUESTS[kind](this.#tools));
      this.counts.right[kind] += 1;
      if (kind === "single") this.counts.singleTimes.push(performance.now() - due);
    } catch (error) {
      this.countWrong(`${kind}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
