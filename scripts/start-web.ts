import { run } from "./run.ts";
import { buildWebIfStale } from "./web-build.ts";

const built = await buildWebIfStale();
process.exitCode = built === 0 ? await run([process.execPath, "apps/web/main.ts", "start"]) : built;
