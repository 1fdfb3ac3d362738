import { isDeepStrictEqual } from "node:util";
import { contractData, type Contract } from "@sepal/schema/define-contract";
import {
  MAX_CONTRACTS,
  scanContracts,
  tryContract,
  type ContractFile,
  type ContractOutcome,
} from "./contract-files.ts";
import { failureReason } from "./failure-reason.ts";
import type { ModelKeeper, ReportModel } from "./model-keeper.ts";
import type { ModelRegistry } from "./registry.ts";
import type { ScannedModel } from "./scan-repository.ts";

type Models = ReadonlyMap<string, ScannedModel>;

interface FollowerOptions {
  readonly registry: ModelRegistry;
  readonly report: ReportModel;
  /** Names that a contract may not have, since paths and procedures of the server do. */
  readonly reserved: ReadonlySet<string>;
  /** The keepers of all models. */
  readonly keepers: () => Iterable<ModelKeeper>;
}

/** Keeps the mounted contracts of a registry in step with the files of its repository; a bad file changes nothing. */
export class ContractFollower {
  readonly #options: FollowerOptions;
  readonly #known = new Map<
    string,
    { readonly stamp: string; readonly outcome: ContractOutcome }
  >();
  /** Changed files that may still be written, with the stamps of the last look. */
  readonly #unsettled = new Map<string, string>();

  /** Why the folder could not be read at the last look. */
  #unreadable: string | undefined;

  constructor(options: FollowerOptions) {
    this.#options = options;
  }

  #keepersOf(contract: string): ModelKeeper[] {
    return [...this.#options.keepers()].filter((keeper) => keeper.contract === contract);
  }

  #report(contract: string, state: "ready" | "unavailable" | "gone", reason: string | null): void {
    this.#options.report({ contract, model: null, version: null, state, reason });
  }

  /** Follows the files at once; at the first look there are no changes to settle. `false` while one is still changing. */
  async follow(models: Models, { first = false } = {}): Promise<boolean> {
    const { contracts } = this.#options.registry;
    const files = await this.#look();
    if (files === undefined) return true;
    const names = new Set(files.map(({ name }) => name));
    for (const contract of contracts.mounted()) {
      if (!names.has(contract.name)) this.#remove(contract.name);
    }
    for (const name of this.#known.keys()) if (!names.has(name)) this.#forget(name);
    for (const [index, file] of files.entries()) {
      const { name, stamp } = file;
      if (this.#known.get(name)?.stamp === stamp) continue;
      if (!first && this.#unsettled.get(name) !== stamp) {
        this.#unsettled.set(name, stamp);
        continue;
      }
      this.#unsettled.delete(name);
      await this.#take(file, index, models);
    }
    return this.#unsettled.size === 0;
  }

  async #look(): Promise<ContractFile[] | undefined> {
    try {
      const files = await scanContracts(this.#options.registry.repository);
      this.#unreadable = undefined;
      return files;
    } catch (error) {
      // Nothing is taken out: a folder that cannot be read says nothing about what was in it.
      const reason = `the contracts cannot be read: ${failureReason(error)}`;
      if (reason !== this.#unreadable) {
        this.#options.report({ model: null, version: null, state: "unavailable", reason });
      }
      this.#unreadable = reason;
      return undefined;
    }
  }

  async #take(file: ContractFile, index: number, models: Models): Promise<void> {
    const { name, stamp } = file;
    const outcome = this.#prepared(this.#ruledOut(name, index) ?? (await tryContract(file)));
    if ("reason" in outcome) {
      this.#fault(name, outcome.reason);
      if (!outcome.passing) this.#known.set(name, { stamp, outcome });
      return;
    }
    this.#known.set(name, { stamp, outcome });
    const { contracts } = this.#options.registry;
    const before = this.#dataOf(name);
    if (before === undefined) this.#add(outcome.contract);
    else if (isDeepStrictEqual(before, outcome.contract)) this.#mount(contracts.mounted(), name);
    else await this.#change(outcome.contract, models);
  }

  #dataOf(name: string): Contract | undefined {
    const contract = this.#options.registry.contracts.get(name);
    return contract && contractData(contract);
  }

  #ruledOut(name: string, index: number): ContractOutcome | undefined {
    const { reserved } = this.#options;
    const passing = false;
    if (index >= MAX_CONTRACTS) {
      return { reason: `a repository has at most ${MAX_CONTRACTS} contracts`, passing };
    }
    if (reserved.has(name))
      return { reason: "a path or procedure of the server has this name", passing };
    return undefined;
  }

  #prepared(outcome: ContractOutcome): ContractOutcome {
    if ("reason" in outcome) return outcome;
    const { registry } = this.#options;
    const { name } = outcome.contract;
    if (registry.contracts.isCompiled(name)) {
      // `models:add --typed` writes both: the file serves until the program has it.
      const same = isDeepStrictEqual(this.#dataOf(name), outcome.contract);
      const reason = "another contract of the program has this name";
      return same ? outcome : { reason, passing: false };
    }
    try {
      registry.prepare(outcome.contract);
      return outcome;
    } catch (error) {
      return { reason: failureReason(error), passing: false };
    }
  }

  /** Mounts these contracts; the file of the named one has no fault any more. */
  #mount(mounted: readonly Contract[], name: string): void {
    const { registry } = this.#options;
    const faults = new Map(registry.contracts.faults);
    faults.delete(name);
    registry.mount(mounted, faults);
  }

  #fault(name: string, reason: string): void {
    const { registry } = this.#options;
    const { contracts } = registry;
    const serves = contracts.get(name) !== undefined && !contracts.isCompiled(name);
    const fault = serves ? `its changed file is rejected: ${reason}` : reason;
    if (contracts.faults.get(name) === fault) return;
    registry.mount(contracts.mounted(), new Map(contracts.faults).set(name, fault));
    this.#report(name, serves ? "ready" : "unavailable", fault);
  }

  #add(contract: Contract): void {
    const { name } = contract;
    this.#mount([...this.#options.registry.contracts.mounted(), contract], name);
    for (const keeper of this.#keepersOf(name)) keeper.verifyAgain();
    this.#report(name, "ready", null);
  }

  /** Swaps a contract and all that its models serve in one turn, once every version is proved with it. */
  async #change(contract: Contract, models: Models): Promise<void> {
    const { name } = contract;
    const reloads: Awaited<ReturnType<ModelKeeper["reload"]>>[] = [];
    try {
      for (const keeper of this.#keepersOf(name)) {
        const model = models.get(keeper.name);
        if (model !== undefined) reloads.push(await keeper.reload(model, contract));
      }
    } catch (error) {
      for (const { drop } of reloads) drop();
      this.#fault(name, failureReason(error));
      return;
    }
    const { contracts } = this.#options.registry;
    const others = contracts.mounted().filter((other) => other.name !== name);
    this.#mount([...others, contract], name);
    for (const { commit } of reloads) commit();
    this.#report(name, "ready", null);
  }

  #remove(name: string): void {
    const { contracts } = this.#options.registry;
    this.#mount(
      contracts.mounted().filter((contract) => contract.name !== name),
      name,
    );
    for (const keeper of this.#keepersOf(name)) {
      keeper.unload(`its contract "${name}" is gone`);
      keeper.verifyAgain();
    }
    this.#report(name, "gone", "its file is gone");
  }

  #forget(name: string): void {
    this.#known.delete(name);
    this.#unsettled.delete(name);
    const { registry } = this.#options;
    if (registry.contracts.faults.has(name)) this.#mount(registry.contracts.mounted(), name);
  }
}
