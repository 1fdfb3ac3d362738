import { setTimeout as delay } from "node:timers/promises";
import { readSettingsOrExit } from "../apps/web/src/settings.ts";
import { runServers } from "./servers.ts";
import { buildWebIfStale } from "./web-build.ts";

const { WEB_HOST, WEB_PORT, PUBLIC_API_URL, API_URL } = readSettingsOrExit({ envFile: ".env" });
const web = `http://${WEB_HOST === "0.0.0.0" ? "127.0.0.1" : WEB_HOST}:${WEB_PORT}`;

/** Waits until an address answers with success, at most twenty seconds. */
async function ready(url: string): Promise<boolean> {
  for (let attempt = 0; attempt < 200 && !servers.ended; attempt += 1) {
    try {
      if ((await fetch(url)).ok) return true;
    } catch {
      // Not listening yet.
    }
    await delay(100);
  }
  return false;
}

const built = await buildWebIfStale();
if (built !== 0) process.exit(built);
const servers = runServers([["apps/api/src/main.ts"], ["apps/web/main.ts", "start"]]);
if ((await ready(`${API_URL}/health/ready`)) && (await ready(`${web}/icon.svg`))) {
  console.log(`
  Playground  ${web}
  API         ${PUBLIC_API_URL}
  Docs        ${PUBLIC_API_URL}/docs

  curl -X POST ${PUBLIC_API_URL}/predict -H 'content-type: application/json' -d '{"features":[5.1,3.5,1.4,0.2]}'
`);
}
