import type { Contract } from "@sepal/schema/define-contract";
import { isDeepStrictEqual } from "node:util";
import type { Engine } from "../engine.ts";
import { failureReason, mayPass } from "./failure-reason.ts";
import { loadVersion, type ServeOptions } from "./load-version.ts";
import { readAdmittedFiles, type Admit } from "./admission.ts";
import type { ModelEntry, ModelRegistry, VersionEntry } from "./registry.ts";
import type { ScannedModel } from "./scan-repository.ts";
import type { ServedModel } from "../served-model.ts";
import type { ModelState } from "@sepal/schema/model-card";

/** One thing that happened to a model while the registry followed its folder, for the log. */
interface ModelReport {
  /** Where it is about a contract and not about a model. */
  readonly contract?: string;
  /** `null` where it is about the repository as a whole. */
  readonly model: string | null;
  /** `null` where it is about the model as a whole. */
  readonly version: string | null;
  /** The new state; `default` when a version becomes the default, `gone` when it is removed. */
  readonly state: ModelState | "default" | "gone";
  /** Why something was refused or ended. */
  readonly reason: string | null;
  /** What computes a version that is ready. */
  readonly engine?: Engine;
}

/** Called for everything that happens to the models of a repository. */
export type ReportModel = (report: ModelReport) => void;

/** What every keeper of a repository works with. */
export interface KeeperOptions {
  readonly registry: ModelRegistry;
  readonly serving: ServeOptions;
  readonly admit: Admit;
  readonly report: ReportModel;
  /** Takes a version that is not handed out any more. */
  readonly retire: (served: ServedModel) => void;
}

/** Keeps one model of the registry in step with its folder; what it replaces or takes out goes on until it is drained. */
export class ModelKeeper {
  readonly name: string;
  readonly #options: KeeperOptions;
  /** Stamps of the versions as they were last tried. */
  readonly #stamps = new Map<string, string>();
  /** Stamp of the folder that the registry is in step with. */
  applied: string | undefined;

  constructor(name: string, options: KeeperOptions) {
    this.name = name;
    this.#options = options;
  }

  get #entry(): ModelEntry {
    const empty = { file: undefined, reason: null, versions: new Map(), standard: undefined };
    return this.#options.registry.get(this.name) ?? { name: this.name, ...empty };
  }

  #set(change: Partial<ModelEntry>): void {
    const known = this.#options.registry.get(this.name);
    const entry = { ...this.#entry, ...change };
    // Every change is sent to the worker threads.
    if (!isDeepStrictEqual(known, entry)) this.#options.registry.set(entry);
  }

  #setVersion(version: string, state: Omit<VersionEntry, "version">): void {
    const versions = [...this.#entry.versions].filter(([name]) => name !== version);
    versions.push([version, { version, ...state }]);
    this.#set({ versions: new Map(versions.toSorted(([a], [b]) => (a < b ? -1 : 1))) });
  }

  /** Takes over what `model.json` says and lists new versions as loading. */
  announce({ file = this.#entry.file, reason, versions }: ScannedModel): void {
    const known = this.#entry;
    if (reason !== null && reason !== known.reason) this.#report(null, "unavailable", reason);
    // Every version must be verified with the other contract.
    if (file?.contract !== known.file?.contract) this.verifyAgain();
    this.#set({ file, reason });
    if (file === undefined) return;
    for (const version of versions?.keys() ?? []) {
      if (known.versions.has(version)) continue;
      const loading = { state: "loading", reason: "the model is loading" } as const;
      this.#setVersion(version, { ...loading, served: undefined });
    }
  }

  /** Loads a version whose files have changed beside the one that serves, once it is admitted, and swaps it in; a bad one is rejected. */
  async load({ path, versions, reason }: ScannedModel, version: string): Promise<void> {
    const { file, versions: known } = this.#entry;
    const stamp = versions?.get(version);
    if (file === undefined || stamp === undefined || stamp === this.#stamps.get(version)) return;
    const before = known.get(version);
    this.#stamps.set(version, stamp);
    try {
      const { admit, serving } = this.#options;
      const { contracts } = serving;
      const folder = { name: this.name, path, file };
      const files = await readAdmittedFiles(folder, { version, stamp }, { admit, contracts });
      const contract = contracts.get(file.contract);
      const same =
        before?.served?.contract === contract &&
        isDeepStrictEqual(before?.served?.manifest, files.manifest);
      const served = (same && before?.served) || (await loadVersion(files, serving));
      this.#setVersion(version, { state: "ready", reason: null, served });
      if (served === before?.served) return;
      this.#options.serving.observer.modelLoaded(this.name, version);
      this.#report(version, "ready", null, served.source.engine);
      if (before?.served) this.#options.retire(before.served);
    } catch (error) {
      this.#refuse(version, before, error);
    } finally {
      this.#choose(reason);
    }
  }

  #refuse(version: string, before: VersionEntry | undefined, error: unknown): void {
    if (mayPass(error)) this.#stamps.delete(version);
    const served = before?.served;
    const state = served === undefined ? "unavailable" : "ready";
    const fault = failureReason(error);
    const reason = served === undefined ? fault : `its changed files are refused: ${fault}`;
    this.#setVersion(version, { state, reason, served });
    if (reason !== before?.reason) this.#report(version, state, reason);
  }

  /** Makes the version that `model.json` names the default once it is ready; until then its predecessor serves. */
  #choose(folderReason: string | null): void {
    const { file, versions, standard } = this.#entry;
    const named = file?.default_version ?? "";
    const asked = versions.get(named);
    if (asked?.served !== undefined) {
      this.#set({ standard: named, reason: folderReason });
      if (named !== standard) this.#report(named, "default", null);
    } else if (standard !== undefined) {
      const why = asked === undefined ? "does not exist" : `is not ready: ${asked.reason}`;
      const reason = `its default version "${named}" ${why}; version "${standard}" is still served`;
      this.#set({ reason: folderReason ?? reason });
    }
  }

  /** Brings the model in step with its folder: new and changed versions first, then the default, then what is gone. */
  async follow(model: ScannedModel): Promise<void> {
    this.announce(model);
    const first = this.#entry.file?.default_version;
    const names = [...(model.versions?.keys() ?? [])];
    for (const version of names.toSorted((a, b) => Number(b === first) - Number(a === first))) {
      await this.load(model, version);
    }
    this.#choose(model.reason);
    if (model.versions !== undefined) this.#takeOut(model.versions);
    const tried = names.every((version) => this.#stamps.has(version));
    this.applied = tried || this.#entry.file === undefined ? model.stamp : undefined;
  }

  /** Lets `follow` load every version anew, since its contract is another one. */
  verifyAgain(): void {
    this.#stamps.clear();
    this.applied = undefined;
  }

  /** The contract that its `model.json` names. */
  get contract(): string | undefined {
    return this.#entry.file?.contract;
  }

  /**
   * Loads every version that serves with another contract of the same name; throws the first reason of one that cannot.
   *
   * Returns what swaps them in, all at once, and what frees them again instead.
   */
  async reload(
    { path, versions }: ScannedModel,
    contract: Contract,
  ): Promise<{ readonly commit: () => void; readonly drop: () => void }> {
    const { admit, serving, retire } = this.#options;
    const { file } = this.#entry;
    const contracts = new Map([[contract.name, contract]]);
    const loaded: ServedModel[] = [];
    const drop = () => loaded.forEach(retire);
    for (const [version, { served }] of this.#entry.versions) {
      const stamp = versions?.get(version);
      if (served === undefined || file === undefined || stamp === undefined) continue;
      try {
        const folder = { name: this.name, path, file };
        const files = await readAdmittedFiles(folder, { version, stamp }, { admit, contracts });
        loaded.push(await loadVersion(files, { ...serving, contracts }));
      } catch (cause) {
        drop();
        throw new Error(`model ${this.name} ${version}: ${failureReason(cause)}`, { cause });
      }
    }
    const commit = () => {
      for (const served of loaded) {
        const { served: before } = this.#entry.versions.get(served.version) ?? {};
        this.#setVersion(served.version, { state: "ready", reason: null, served });
        if (before !== undefined) retire(before);
      }
    };
    return { commit, drop };
  }

  /** Lets `follow` try refused versions again though their files are the same. */
  retryRefused(): void {
    for (const [version, { reason }] of this.#entry.versions) {
      if (reason !== null) this.#stamps.delete(version);
    }
  }

  #takeOut(found: ReadonlyMap<string, string>): void {
    const { versions, standard } = this.#entry;
    for (const [version, { served, reason }] of versions) {
      if (found.has(version)) continue;
      this.#stamps.delete(version);
      const gone = "its folder is gone";
      if (version !== standard || served === undefined) {
        const rest = [...this.#entry.versions].filter(([name]) => name !== version);
        this.#set({ versions: new Map(rest) });
        if (served !== undefined) this.#options.retire(served);
        this.#report(version, "gone", gone);
      } else if (reason !== gone) {
        // Nothing that is ready could take its place.
        this.#setVersion(version, { state: "ready", reason: gone, served });
        this.#report(version, "ready", gone);
      }
    }
  }

  /** Takes every version out of service; the model stays listed. */
  unload(reason = "it is unloaded"): void {
    const { versions } = this.#entry;
    this.#stamps.clear();
    this.#set({ standard: undefined, reason: null });
    for (const [version, { served }] of versions) {
      this.#setVersion(version, { state: "unavailable", reason, served: undefined });
      if (served !== undefined) this.#options.retire(served);
      this.#report(version, "unavailable", reason);
    }
  }

  /** Takes the model out of the registry, because its folder is gone. */
  remove(): void {
    this.release();
    this.#report(null, "gone", "its folder is gone");
  }

  /** The same at the end of the process, which is nothing to report. */
  release(): void {
    const { versions } = this.#entry;
    this.#options.registry.delete(this.name);
    for (const { served } of versions.values()) {
      if (served !== undefined) this.#options.retire(served);
    }
  }

  #report(
    version: string | null,
    state: Parameters<ReportModel>[0]["state"],
    reason: string | null,
    engine?: Engine,
  ) {
    this.#options.report({ model: this.name, version, state, reason, ...(engine && { engine }) });
  }
}
