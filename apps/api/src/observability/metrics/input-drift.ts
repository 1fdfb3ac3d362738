import type { Execution } from "@sepal/model/session/inference-observer";
import type { ModelRegistry } from "@sepal/model/repository/registry";
import { Gauge, type Registry } from "prom-client";
import { RecentRows } from "./recent-rows.ts";
import { stabilityIndex } from "./stability-index.ts";

/** Fewest rows that say anything about a distribution. */
const LEAST_ROWS = 200;

/** How far the inputs of each model version have moved from its training data. */
export class InputDrift {
  readonly #recent = new Map<string, RecentRows>();

  /** Takes note of the rows an execution tells of itself; those of explanations are made up. */
  executed({ model, version, lane, rows, sample }: Execution): void {
    if (sample === undefined || lane === "explain") return;
    const key = `${model} ${version}`;
    let recent = this.#recent.get(key);
    if (recent === undefined) {
      recent = new RecentRows(sample.width);
      this.#recent.set(key, recent);
    }
    if (rows > 0) recent.take(sample.rows, performance.now());
  }

  /** Declares the gauge, which is read at each scrape. */
  expose(register: Registry, registry: Pick<ModelRegistry, "models">): void {
    const recent = this.#recent;
    new Gauge({
      name: "input_drift_psi",
      help: `Population stability index of a feature's recent values against the training data, of ${LEAST_ROWS} rows or more`,
      labelNames: ["model", "version", "feature"],
      aggregator: "max",
      registers: [register],
      collect() {
        this.reset();
        for (const { name: model, versions } of registry.models()) {
          for (const { version, served } of versions.values()) {
            const rows = recent.get(`${model} ${version}`);
            if (served === undefined || rows === undefined || rows.count < LEAST_ROWS) continue;
            served.manifest.features.forEach(({ name: feature, quantiles }, index) => {
              this.set({ model, version, feature }, stabilityIndex(rows.column(index), quantiles));
            });
          }
        }
      },
    });
  }
}
