import type { RepositoryOrder, RepositoryOutcome } from "./messages.ts";

/** A server process that carries out orders. */
export interface RepositoryMember {
  readonly id: number;
  order(id: number, order: RepositoryOrder): void;
}

interface Pending {
  readonly member: number;
  readonly settle: (outcome: RepositoryOutcome) => void;
}

/** Has every server process load and unload the same models in the same order. */
export class RepositoryHub {
  readonly #members = new Map<number, RepositoryMember>();
  readonly #pending = new Map<number, Pending>();
  readonly #unloaded = new Map<string, string>();
  #turn: Promise<unknown> = Promise.resolve();
  #nextId = 0;

  /** Unloaded models with the stamps of their folders, for a process that starts now. */
  get unloaded(): ReadonlyMap<string, string> {
    return this.#unloaded;
  }

  join(member: RepositoryMember): void {
    this.#members.set(member.id, member);
  }

  /** Takes a process out that has ended; what it had to do is done. */
  leave(id: number): void {
    this.#members.delete(id);
    for (const { member, settle } of this.#pending.values()) if (member === id) settle({});
  }

  /** A process has carried out an order. */
  done(id: number, outcome: RepositoryOutcome): void {
    this.#pending.get(id)?.settle(outcome);
  }

  #send(member: RepositoryMember, order: RepositoryOrder): Promise<RepositoryOutcome> {
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve) => {
      const settle = (outcome: RepositoryOutcome) => {
        this.#pending.delete(id);
        resolve(outcome);
      };
      this.#pending.set(id, { member: member.id, settle });
      member.order(id, order);
    });
  }

  /** Carries an order out in one process and then in all others; gives the first failure, if any. */
  carryOut(order: RepositoryOrder): Promise<RepositoryOutcome> {
    const turn = this.#turn.then(() => this.#inAll(order));
    this.#turn = turn;
    return turn;
  }

  async #inAll(order: RepositoryOrder): Promise<RepositoryOutcome> {
    const [first] = this.#members.values();
    if (first === undefined) return {};
    const outcome = await this.#send(first, order);
    const { stamp, failure } = outcome;
    if (failure?.code === "not_found") return outcome;
    if (order.action === "load") this.#unloaded.delete(order.model);
    else if (stamp !== undefined) this.#unloaded.set(order.model, stamp);
    const others = [...this.#members.values()].filter(({ id }) => id !== first.id);
    const stamped = stamp === undefined ? order : { ...order, stamp };
    const outcomes = await Promise.all(others.map((member) => this.#send(member, stamped)));
    return [outcome, ...outcomes].find((each) => each.failure !== undefined) ?? {};
  }
}
