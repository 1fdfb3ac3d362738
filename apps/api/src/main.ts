import cluster from "node:cluster";
import { lowerBackgroundThreads } from "./background-threads.ts";
import { openLog } from "./logger.ts";
import { runPrimary } from "./processes/primary.ts";
import { LOAD_FIRST, readUnloaded } from "./processes/worker-arguments.ts";
import { ListenError, serve } from "./serve.ts";
import { readSettingsOrExit } from "./settings.ts";

const settings = readSettingsOrExit();
const log = await openLog(settings);
if (cluster.isPrimary && settings.WORKERS > 1) {
  runPrimary(settings, log);
} else {
  lowerBackgroundThreads();
  try {
    await serve(settings, log, {
      loadFirst: process.argv.includes(LOAD_FIRST),
      unloaded: readUnloaded(process.argv),
    });
  } catch (error) {
    if (!(error instanceof ListenError)) throw error;
    console.error(`sepal: ${error.message}`);
    process.exit(1);
  }
}
