import { SHUTTING_DOWN, type Candidate, type Verdict } from "@sepal/model/repository/admission";
import { ProbedVersions } from "@sepal/model/probe/probed-versions";
import { VersionProbe } from "@sepal/model/probe/version-probe";
import type { Logger } from "pino";
import { probeBounds } from "../settings/model-settings.ts";
import type { Settings } from "../settings/settings.ts";
import { VERSION } from "../version.ts";
import type { ToWorker } from "./messages.ts";
import { sendToPrimary } from "./send-to-primary.ts";

/** What decides which versions this process may open. */
export type Admission = Pick<VersionProbe, "admit" | "close">;

/** Probes versions for all server processes, from the process that was started. */
export function openProbe(settings: Settings, logger: Logger): VersionProbe {
  const probed = new ProbedVersions(settings.DATA_DIR, (err) => {
    logger.warn({ err }, "which models were probed is not kept: they are probed at every start");
  });
  return new VersionProbe({ probed, bounds: probeBounds(settings), build: VERSION });
}

/** Has the primary probe versions, so that each is probed once for all server processes. */
export function linkProbe(): Admission {
  const waiting = new Map<number, (verdict: Verdict) => void>();
  let nextId = 0;
  let closed = false;
  process.on("message", (message: ToWorker) => {
    if (message.type === "verdict") waiting.get(message.id)?.(message.verdict);
  });
  return {
    async admit(candidate: Candidate) {
      if (closed) return SHUTTING_DOWN;
      const id = nextId;
      nextId += 1;
      const verdict = new Promise<Verdict>((resolve) => waiting.set(id, resolve));
      sendToPrimary({ type: "probe-please", id, candidate });
      return verdict.finally(() => waiting.delete(id));
    },
    close() {
      closed = true;
      for (const settle of waiting.values()) settle(SHUTTING_DOWN);
    },
  };
}
