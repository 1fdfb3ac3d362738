import type { packFailure } from "@sepal/model/workers/worker-pool";

/** What is to be done with a model. */
export interface RepositoryOrder {
  readonly action: "load" | "unload";
  readonly model: string;
  /** Of the model's folder, from the process that unloaded it first. */
  readonly stamp?: string;
}

/** How it went. */
export interface RepositoryOutcome {
  readonly stamp?: string | undefined;
  readonly failure?: ReturnType<typeof packFailure> | undefined;
}

/** From the primary: an order to carry out, or how all processes carried out the worker's own. */
export type RepositoryToWorker =
  | { readonly type: "repository-order"; readonly id: number; readonly order: RepositoryOrder }
  | {
      readonly type: "repository-answer";
      readonly id: number;
      readonly outcome: RepositoryOutcome;
    };

/** To the primary: what a worker was asked over HTTP, or how it carried out an order. */
export type RepositoryToPrimary =
  | { readonly type: "repository-please"; readonly id: number; readonly order: RepositoryOrder }
  | { readonly type: "repository-done"; readonly id: number; readonly outcome: RepositoryOutcome };
