import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { runServers } from "./run.ts";
import { buildWebIfStale } from "./web-build.ts";

/** How long the API may take to log a request after its response, in milliseconds. */
const LOG_MS = 300;

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

/** Waits until a response is a success with the right body; false where a server ended before that. */
async function ready(
  servers: { readonly ended: boolean },
  url: string,
  right = (_body: string) => true,
): Promise<boolean> {
  while (!servers.ended) {
    try {
      const response = await fetch(url);
      const body = await response.text();
      if (response.ok && right(body)) return true;
    } catch {
      // Not listening yet.
    }
    await delay(100);
  }
  return false;
}

/** Starts API and playground, and prints their addresses once both respond. */
async function start(): Promise<void> {
  const api = (await import("../apps/api/src/settings/settings.ts")).readSettingsOrExit();
  const webSettings = await import("../apps/web/src/settings.ts");
  const { WEB_HOST, WEB_PORT, PUBLIC_API_URL, API_URL } = webSettings.readSettingsOrExit({
    envFile: ".env",
  });
  const web = `http://${WEB_HOST === "0.0.0.0" ? "127.0.0.1" : WEB_HOST}:${WEB_PORT}`;

  await freeOrExit(api.HOST, api.PORT);
  await freeOrExit(WEB_HOST, WEB_PORT);
  const built = await buildWebIfStale();
  if (built !== 0) process.exit(built);
  const servers = runServers([
    ["--single-threaded-gc", "apps/api/src/main.ts"],
    ["apps/web/main.ts", "start"],
  ]);
  // The addresses are the last lines: models that are still loading would log below them, as would the last request.
  const loaded = (body: string) => !body.includes('"loading"');
  if (
    (await ready(servers, `${web}/icon.svg`)) &&
    (await ready(servers, `${API_URL}/health`, loaded))
  ) {
    await delay(LOG_MS);
    const docs = api.DOCS_ENABLED ? `\n  Docs        ${PUBLIC_API_URL}/docs` : "";
    console.log(`
  Playground  ${web}
  API         ${PUBLIC_API_URL}${docs}

  curl -X POST ${PUBLIC_API_URL}/predict -H 'content-type: application/json' -d '{"features":[5.1,3.5,1.4,0.2]}'
`);
  }
}

// Dynamic, as the settings above, so that signals are handled before packages are read.
const { newCommand, runCommand } = await import("@sepal/command-line");
const command = newCommand(
  "start",
  "Starts API and playground; builds the playground first where its build is out of date.",
);
await runCommand(command.action(start));
