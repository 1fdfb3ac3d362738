import cluster from "node:cluster";
import { openLog } from "./logger.ts";
import { LOAD_FIRST, runPrimary } from "./processes/primary.ts";
import { ListenError, serve } from "./serve.ts";
import { readSettings, SettingsError, type Settings } from "./settings.ts";

function settingsOrExit(): Settings {
  try {
    return readSettings();
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    for (const line of error.lines) console.error(`sepal: ${line}`);
    return process.exit(1);
  }
}

const settings = settingsOrExit();
const log = await openLog(settings);
if (cluster.isPrimary && settings.WORKERS > 1) {
  runPrimary(settings, log);
} else {
  try {
    await serve(settings, log, { loadFirst: process.argv.includes(LOAD_FIRST) });
  } catch (error) {
    if (!(error instanceof ListenError)) throw error;
    console.error(`sepal: ${error.message}`);
    process.exit(1);
  }
}
