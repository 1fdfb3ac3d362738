import { runServers } from "./run.ts";
import { buildWebIfStale } from "./web-build.ts";

const built = await buildWebIfStale();
if (built !== 0) process.exit(built);
runServers([["apps/web/main.ts", "start"]]);
