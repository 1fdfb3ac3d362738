import { ProbedVersions } from "@sepal/model/probe/probed-versions";
import { VersionProbe } from "@sepal/model/probe/version-probe";
import type { Logger } from "pino";
import { probeBounds } from "../settings/model-settings.ts";
import type { Settings } from "../settings/settings.ts";
import { VERSION } from "../version.ts";

/** What decides which versions this process may open. */
export type Admission = Pick<VersionProbe, "admit" | "close">;

/** Probes versions for all server processes, from the process that was started. */
export function openProbe(settings: Settings, logger: Logger): VersionProbe {
  const probed = new ProbedVersions(settings.DATA_DIR, (err) => {
    logger.warn({ err }, "which models were probed is not kept: they are probed at every start");
  });
  const bounds = probeBounds(settings);
  const engine = settings.INFERENCE_ENGINE;
  return new VersionProbe({ probed, bounds, build: VERSION, engine });
}
