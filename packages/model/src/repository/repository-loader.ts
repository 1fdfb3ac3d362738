import { SepalError } from "@sepal/schema/sepal-error";
import { ContractFollower } from "./contract-follower.ts";
import { failureReason } from "./failure-reason.ts";
import type { ServeOptions } from "./load-version.ts";
import { ModelKeeper, type ReportModel } from "./model-keeper.ts";
import type { Admit } from "./admission.ts";
import type { ModelRegistry } from "./registry.ts";
import { scanRepository, type ScannedModel } from "./scan-repository.ts";
import type { ServedModel } from "../served-model.ts";

/** One version to load. */
interface LoadStep {
  readonly model: ScannedModel;
  readonly version: string;
}

/** What to load before the server can do its work, and what after that. */
interface LoadOrder {
  readonly needed: readonly LoadStep[];
  readonly others: readonly LoadStep[];
}

/** Puts the default versions of the models in `first` before all else, and each model's default version before its others. */
function loadOrder(models: readonly ScannedModel[], first: readonly string[]): LoadOrder {
  const steps = (model: ScannedModel, standard: boolean): LoadStep[] =>
    [...(model.versions?.keys() ?? [])]
      .filter((version) => (version === model.file?.default_version) === standard)
      .map((version) => ({ model, version }));
  const named = [...new Set(first)].flatMap((name) =>
    models.filter((model) => model.name === name),
  );
  const unnamed = models.filter((model) => !named.includes(model));
  return {
    needed: named.flatMap((model) => steps(model, true)),
    others: [
      ...unnamed.flatMap((model) => steps(model, true)),
      ...[...named, ...unnamed].flatMap((model) => steps(model, false)),
    ],
  };
}

/** Looks after which a folder that never stops changing is followed all the same: checksums keep half-written files out. */
const MAX_LOOKS = 20;

/** Stamp of a folder that is not there. */
const GONE = "";

interface LoaderOptions extends Omit<ServeOptions, "contracts"> {
  readonly registry: ModelRegistry;
  /** Names that no mounted contract may have. */
  readonly reserved: ReadonlySet<string>;
  readonly admit: Admit;
  readonly report: ReportModel;
  /** Models that were unloaded before this process began, with the stamps of their folders. */
  readonly unloaded?: ReadonlyMap<string, string>;
}

interface LoadOptions {
  /** Models to load right after the default one. */
  readonly required?: readonly string[];
  readonly whenNeeded?: () => Promise<void>;
}

/** Fills a registry from a model repository on disk and keeps it in step; one thing after the other. */
export class RepositoryLoader {
  readonly #options: LoaderOptions;
  readonly #keepers = new Map<string, ModelKeeper>();
  readonly #contracts: ContractFollower;
  /** Models taken out by `unload`, until their folder has another stamp. */
  readonly #unloaded: Map<string, string>;
  /** Changed folders that are not followed yet. */
  readonly #unsettled = new Map<string, { readonly stamp: string; readonly looks: number }>();
  readonly #draining = new Set<Promise<void>>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: LoaderOptions) {
    this.#options = options;
    const { registry, report, reserved } = options;
    const keepers = () => this.#keepers.values();
    this.#contracts = new ContractFollower({ registry, report, reserved, keepers });
    this.#unloaded = new Map(options.unloaded);
  }

  /** Runs steps one after the other, so that no two of them change the same model. */
  #inTurn<T>(step: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(step);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  #keeper(name: string): ModelKeeper {
    const { registry, admit, report, limits, observer, lane } = this.#options;
    const { contracts } = registry;
    const serving = { contracts, limits, observer, lane };
    const retire = (served: ServedModel) => this.#retire(served);
    const known = this.#keepers.get(name);
    const keeper = known ?? new ModelKeeper(name, { registry, serving, admit, report, retire });
    this.#keepers.set(name, keeper);
    return keeper;
  }

  #retire(served: ServedModel): void {
    const drained = served.retire().catch((error: unknown) => {
      const { name: model, version } = served;
      this.#options.report({ model, version, state: "gone", reason: failureReason(error) });
    });
    this.#draining.add(drained);
    void drained.then(() => this.#draining.delete(drained));
  }

  async #look(): Promise<ReadonlyMap<string, ScannedModel> | undefined> {
    try {
      const found = await scanRepository(this.#options.registry.repository);
      this.#noteFault(null);
      return found;
    } catch (error) {
      // Nothing is taken out: a disk that cannot be read says nothing about its models.
      this.#noteFault(`the model repository cannot be read: ${failureReason(error)}`);
      return undefined;
    }
  }

  #noteFault(reason: string | null): void {
    const { registry, report } = this.#options;
    if (registry.fault === reason) return;
    registry.fault = reason;
    const state = reason === null ? "ready" : "unavailable";
    report({ model: null, version: null, state, reason });
  }

  /**
   * Loads every version of every model once, default versions first; a bad one is kept with its reason.
   *
   * `whenNeeded` is awaited when the default model and the `required` ones are loaded or have failed.
   */
  load({ required = [], whenNeeded }: LoadOptions = {}): Promise<void> {
    return this.#inTurn(async () => {
      const found = (await this.#look()) ?? new Map<string, ScannedModel>();
      this.#options.registry.chooseDefault([...found.keys()]);
      await this.#contracts.follow(found, { first: true });
      for (const model of found.values()) {
        const keeper = this.#keeper(model.name);
        keeper.announce(model);
        if (this.#unloaded.get(model.name) === model.stamp) keeper.unload();
      }
      const models = [...found.values()].filter(({ name }) => !this.#unloaded.has(name));
      const { defaultModel } = this.#options.registry;
      const first = [...(defaultModel === null ? [] : [defaultModel]), ...required];
      const { needed, others } = loadOrder(models, first);
      // One after the other, so that the default model is ready as early as possible.
      for (const { model, version } of needed) await this.#keeper(model.name).load(model, version);
      await whenNeeded?.();
      for (const { model, version } of others) await this.#keeper(model.name).load(model, version);
      for (const model of models) await this.#keeper(model.name).follow(model);
    });
  }

  /** Looks at the disk and follows what has changed and come to rest; `false` while something is still changing. */
  follow(): Promise<boolean> {
    return this.#inTurn(async () => {
      const found = await this.#look();
      if (found === undefined) return true;
      this.#options.registry.chooseDefault([...found.keys()]);
      const settled = await this.#contracts.follow(found);
      for (const name of new Set([...this.#keepers.keys(), ...found.keys()])) {
        await this.#followModel(name, found.get(name));
      }
      return settled && this.#unsettled.size === 0;
    });
  }

  async #followModel(name: string, model: ScannedModel | undefined): Promise<void> {
    const stamp = model?.stamp ?? GONE;
    if (stamp === (this.#unloaded.get(name) ?? this.#keepers.get(name)?.applied)) {
      this.#unsettled.delete(name);
      return;
    }
    const { stamp: before, looks = 0 } = this.#unsettled.get(name) ?? {};
    if (before !== stamp && looks < MAX_LOOKS) {
      this.#unsettled.set(name, { stamp, looks: looks + 1 });
      return;
    }
    this.#unsettled.delete(name);
    this.#unloaded.delete(name);
    if (model !== undefined) return this.#keeper(name).follow(model);
    this.#keepers.get(name)?.remove();
    this.#keepers.delete(name);
  }

  /** Loads a model again, also one that was unloaded or refused; fails with `malformed_request` and the reasons when any version is refused. */
  loadModel(name: string): Promise<void> {
    return this.#inTurn(async () => {
      const model = (await this.#look())?.get(name);
      if (model === undefined) {
        throw new SepalError("not_found", `there is no model "${name}" in the repository`);
      }
      this.#unloaded.delete(name);
      this.#unsettled.delete(name);
      const keeper = this.#keeper(name);
      keeper.retryRefused();
      await keeper.follow(model);
      const { reason, versions } = this.#options.registry.model(name);
      const faults = [...versions.values()].flatMap((entry) =>
        entry.reason === null ? [] : [`version ${entry.version}: ${entry.reason}`],
      );
      const all = [...(reason === null ? [] : [reason]), ...faults];
      if (all.length === 0) return;
      throw new SepalError("malformed_request", `failed to load "${name}": ${all.join("; ")}`);
    });
  }

  /**
   * Takes a model out of service until it is loaded again or its folder changes, and gives the stamp of its folder.
   *
   * `stamp` is that of another process that began it. Fails with `not_found`.
   */
  unloadModel(name: string, stamp?: string): Promise<string> {
    return this.#inTurn(async () => {
      const { registry } = this.#options;
      registry.model(name);
      const current = stamp ?? (await this.#look())?.get(name)?.stamp ?? GONE;
      this.#unloaded.set(name, current);
      this.#unsettled.delete(name);
      this.#keeper(name).unload();
      return current;
    });
  }

  /** Takes all models out and waits until they are drained. */
  async release(): Promise<void> {
    await this.#inTurn(async () => {
      for (const keeper of this.#keepers.values()) keeper.release();
      this.#keepers.clear();
    });
    await Promise.all(this.#draining);
  }
}

/** How soon a changed folder is looked at again, to see whether it has come to rest, in milliseconds. */
const SETTLE_MS = 100;

/** Looks at a model repository time and again and follows its changes, until it is closed. */
export class RepositoryWatch {
  readonly #loader: RepositoryLoader;
  readonly #intervalMs: number;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  /** `intervalMs` lies between two looks at a repository at rest. */
  constructor(loader: RepositoryLoader, intervalMs: number) {
    this.#loader = loader;
    this.#intervalMs = intervalMs;
    this.#wait(intervalMs);
  }

  #wait(milliseconds: number): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => void this.#look(), milliseconds).unref();
  }

  async #look(): Promise<void> {
    const settled = await this.#loader.follow();
    this.#wait(settled ? this.#intervalMs : Math.min(SETTLE_MS, this.#intervalMs));
  }

  /** Looks no more. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }
}
