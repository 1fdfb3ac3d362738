import cluster from "node:cluster";
import { killWithoutPrimary } from "./end-process.ts";
import { lowerBackgroundThreads } from "./server/v8-tuning.ts";
import { openIdentity } from "./auth/open-identity.ts";
import { openLog } from "./observability/logger.ts";
import { runPrimary } from "./cluster/primary.ts";
import { readStartMode, readUnloaded } from "./cluster/worker-arguments.ts";
import { ListenError } from "./server/start-serving.ts";
import { serve } from "./server/serve.ts";
import { SettingsError } from "@sepal/settings/settings-error";
import { misspelledSettings, readSettingsOrExit } from "./settings/settings.ts";

const settings = readSettingsOrExit();
const log = await openLog(settings);
if (cluster.isPrimary) {
  for (const misspelling of misspelledSettings()) {
    log.logger.warn(misspelling, "a variable of the environment looks like a setting and is none");
  }
}
try {
  if (cluster.isPrimary && settings.WORKERS > 1) {
    // A file that cannot be used is reported once, not by every server process.
    (await openIdentity(settings, log.logger)).close();
    runPrimary(settings, log);
  } else {
    killWithoutPrimary();
    lowerBackgroundThreads();
    await serve(settings, log, {
      mode: readStartMode(process.argv),
      unloaded: readUnloaded(process.argv),
    });
  }
} catch (error) {
  if (!(error instanceof ListenError || error instanceof SettingsError)) throw error;
  for (const line of error.message.split("\n")) console.error(`sepal: ${line}`);
  process.exit(1);
}
