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

/** Told what happens to the models of a repository. */
export type ReportModel = (report: ModelReport) => void;
