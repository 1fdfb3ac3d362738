import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import next from "next";
import { allowedHosts } from "@sepal/schema/allowed-hosts";
import { gate, rejection, SecureResponse } from "./src/server/gate.ts";
import { webSettings } from "./src/settings.ts";

// Next.js behind a gate of the playground's own: its `proxy.ts` would cut bodies at 10 MB and sees no socket.
const { WEB_HOST, WEB_PORT, WEB_TRUST_PROXY, ALLOWED_HOSTS, PUBLIC_API_URL, PATH_PREFIX } =
  webSettings();
const dev = process.argv[2] === "dev";
const app = next({ dev, dir: import.meta.dirname, hostname: WEB_HOST, port: WEB_PORT });
await app.prepare();
const render = app.getRequestHandler();
const hosts = allowedHosts({ listen: WEB_HOST, names: ALLOWED_HOSTS, publicUrl: PUBLIC_API_URL });

async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    await render(request, response);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    if (response.headersSent) response.destroy();
    else response.writeHead(500, { "content-type": "text/plain" }).end("Internal Server Error");
  }
}

const options = {
  ServerResponse: SecureResponse,
  // Reloading in development is the one use of web sockets; other upgrades are requests like any.
  shouldUpgradeCallback: (request: IncomingMessage) =>
    dev && rejection(request, hosts) === undefined,
};
const server = createServer(
  options,
  gate({ hosts, trustsPeer: WEB_TRUST_PROXY, prefix: PATH_PREFIX }, (request, response) => {
    void handle(request, response);
  }),
);
server.once("error", (error) => {
  process.stderr.write(`sepal: cannot listen on ${WEB_HOST}:${WEB_PORT}: ${error.message}\n`);
  process.exit(1);
});
server.listen(WEB_PORT, WEB_HOST, () => {
  const names = hosts === undefined ? "any host" : [...hosts].join(", ");
  process.stdout.write(
    `sepal: the playground listens on ${WEB_HOST}:${WEB_PORT} for ${names} (ALLOWED_HOSTS)\n`,
  );
});

let stopping = false;

async function stop(): Promise<void> {
  // In a terminal the signal also comes from the process that started this one.
  if (stopping) return;
  stopping = true;
  // What is in flight is finished; a development server's open sockets never are.
  if (!dev) await new Promise((resolve) => server.close(resolve));
  await app.close();
  process.exit(0);
}
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void stop());
