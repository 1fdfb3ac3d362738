import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { readSettingsOrExit as readApiSettingsOrExit } from "../apps/api/src/settings.ts";
import { readSettingsOrExit } from "../apps/web/src/settings.ts";
import { runServers } from "./servers.ts";
import { buildWebIfStale } from "./web-build.ts";

/** Ends the process where an address is taken, so that no other server is taken for this one. */
async function freeOrExit(host: string, port: number): Promise<void> {
  const probe = createServer();
  try {
    await once(probe.listen(port, host), "listening");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    console.error(`sepal: cannot listen on ${host}:${port}: ${reason}`);
    process.exit(1);
  }
  probe.close();
  await once(probe, "close");
}

const api = readApiSettingsOrExit();
const { WEB_HOST, WEB_PORT, PUBLIC_API_URL, API_URL } = readSettingsOrExit({ envFile: ".env" });
const web = `http://${WEB_HOST === "0.0.0.0" ? "127.0.0.1" : WEB_HOST}:${WEB_PORT}`;

/** Waits until an address answers with success, at most twenty seconds. */
async function ready(url: string): Promise<boolean> {
  for (let attempt = 0; attempt < 200 && !servers.ended; attempt += 1) {
    try {
      if ((await fetch(url)).ok) return !servers.ended;
    } catch {
      // Not listening yet.
    }
    await delay(100);
  }
  return false;
}

await freeOrExit(api.HOST, api.PORT);
await freeOrExit(WEB_HOST, WEB_PORT);
const built = await buildWebIfStale();
if (built !== 0) process.exit(built);
const servers = runServers([
  ["--single-threaded-gc", "apps/api/src/main.ts"],
  ["apps/web/main.ts", "start"],
]);
if ((await ready(`${API_URL}/health/ready`)) && (await ready(`${web}/icon.svg`))) {
  const docs = api.DOCS_ENABLED ? `\n  Docs        ${PUBLIC_API_URL}/docs` : "";
  console.log(`
  Playground  ${web}
  API         ${PUBLIC_API_URL}${docs}

  curl -X POST ${PUBLIC_API_URL}/predict -H 'content-type: application/json' -d '{"features":[5.1,3.5,1.4,0.2]}'
`);
}
