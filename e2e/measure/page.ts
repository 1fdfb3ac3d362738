import { chromium } from "@playwright/test";
import { freePort, startApi, startWeb } from "../support/servers.ts";
import { firstLoadBytes } from "./first-load.ts";
import { lighthouseScores } from "./lighthouse.ts";
import { sliderLatency } from "./slider-latency.ts";

const executablePath = process.env["CHROMIUM"];

await using api = await startApi(await freePort());
await using web = await startWeb(await freePort(), api.url);
const url = `${web.url}/predict/iris-forest`;
await using browser = await chromium.launch({
  ...(executablePath === undefined ? {} : { executablePath }),
  args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
});
const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
console.log(`first-load JavaScript: ${await firstLoadBytes(page, url)} bytes`);
const times = await sliderLatency(page);
const at = (share: number) => times[Math.ceil(times.length * share) - 1]?.toFixed(1);
console.log(`slider to result, ms: p50 ${at(0.5)}, p95 ${at(0.95)}, longest ${at(1)}`);
await browser.close();
for (const [preset, runs] of Object.entries(await lighthouseScores(url))) {
  for (const scores of runs) console.log(`lighthouse ${preset}: ${JSON.stringify(scores)}`);
}
