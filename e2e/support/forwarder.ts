import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";

interface Forwarder extends AsyncDisposable {
  readonly url: string;
}

/** Rewrites a reply's JSON by its path; a path that is not there goes to the API as it is. */
export type Rewrites = Readonly<Record<string, (body: unknown) => unknown>>;

async function read(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}

/** Stands before the real API and changes some of its replies, for what it does not offer yet. */
export async function startForwarder(apiUrl: string, rewrites: Rewrites): Promise<Forwarder> {
  const server = createServer((request, response) => {
    void (async () => {
      const path = request.url ?? "/";
      const body = await read(request);
      const reply = await fetch(`${apiUrl}${path}`, {
        method: request.method ?? "GET",
        headers: { "content-type": request.headers["content-type"] ?? "application/json" },
        ...(body.length === 0 ? {} : { body: body.toString() }),
      });
      const rewrite = rewrites[path.replace(/\?.*$/, "")];
      const text = await reply.text();
      response.writeHead(rewrite === undefined ? reply.status : 200, {
        "content-type": "application/json",
      });
      response.end(rewrite === undefined ? text : JSON.stringify(rewrite(JSON.parse(text))));
    })();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
