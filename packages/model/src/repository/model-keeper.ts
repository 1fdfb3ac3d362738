import { isDeepStrictEqual } from "node:util";
import { failureReason, mayPass } from "./failure-reason.ts";
import { loadVersion, type ServeOptions } from "./load-version.ts";
import { readAdmittedFiles, type Admit } from "./admission.ts";
import type { ModelEntry, ModelRegistry, VersionEntry } from "./registry.ts";
import type { ScannedModel } from "./scan-repository.ts";
import type { ServedModel } from "../served-model.ts";
import type { ModelState } from "@sepal/schema/model-card";

/** One thing that happened to a model while the registry followed its folder, for the log. */
interface ModelReport {
  /** `null` where it is about the repository as a whole. */
  readonly model: string | null;
  /** `null` where it is about the model as a whole. */
  readonly version: string | null;
  /** What is the case now; `default` when a version begins to answer where none is named, `gone` when it is taken out. */
  readonly state: ModelState | "default" | "gone";
  /** Why something was refused or ended. */
  readonly reason: string | null;
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
    if (file?.contract !== known.file?.contract) this.#stamps.clear();
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
      const same = isDeepStrictEqual(before?.served?.manifest, files.manifest);
      const served = (same && before?.served) || (await loadVersion(files, serving));
      this.#setVersion(version, { state: "ready", reason: null, served });
      if (served === before?.served) return;
      this.#options.serving.observer.modelLoaded(this.name, version);
      this.#report(version, "ready", null);
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

  /** Lets the version that `model.json` names answer by default once it is ready; until then its predecessor goes on. */
  #choose(folderReason: string | null): void {
    const { file, versions, standard } = this.#entry;
    const named = file?.default_version ?? "";
    const asked = versions.get(named);
    if (asked?.served !== undefined) {
      this.#set({ standard: named, reason: folderReason });
      if (named !== standard) this.#report(named, "default", null);
    } else if (standard !== undefined) {
      const why = asked === undefined ? "does not exist" : `is not ready: ${asked.reason}`;
      const reason = `its default version "${named}" ${why}; version "${standard}" still answers`;
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
  unload(): void {
    const { versions } = this.#entry;
    this.#stamps.clear();
    this.#set({ standard: undefined, reason: null });
    for (const [version, { served }] of versions) {
      const reason = "it is unloaded";
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
  ) {
    this.#options.report({ model: this.name, version, state, reason });
  }
}
