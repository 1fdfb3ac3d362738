import { findChromium } from "./chromium.ts";
import { run } from "./run.ts";
import { buildWebIfStale } from "./web-build.ts";

if ((await buildWebIfStale()) !== 0) throw new Error("the playground cannot be built");
const chromium = await findChromium();
process.exitCode = await run(
  [process.execPath, "e2e/measure/page.ts"],
  chromium === null ? {} : { CHROMIUM: chromium },
);
