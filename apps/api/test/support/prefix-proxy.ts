import { once } from "node:events";
import { createServer, request as ask } from "node:http";
import type { AddressInfo } from "node:net";

/** The path below which the proxy serves a server. */
export const PREFIX = "/ml/sepal";

/** A proxy that serves a server below a path and nothing else; it strips the path and names it, or leaves it. */
export async function startPrefixProxy(target: string, strips: boolean) {
  const { hostname, port } = new URL(target);
  const server = createServer((incoming, outgoing) => {
    const { url = "/", method, headers } = incoming;
    if (!url.startsWith(`${PREFIX}/`)) {
      outgoing.writeHead(404).end("not below the path");
      return;
    }
    const forwarded = {
      ...headers,
      "x-forwarded-for": "192.0.2.1",
      ...(strips && { "x-forwarded-prefix": PREFIX }),
    };
    const path = strips ? url.slice(PREFIX.length) : url;
    const upstream = ask({ hostname, port, method, path, headers: forwarded }, (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(outgoing);
    });
    upstream.on("error", () => outgoing.destroy());
    outgoing.on("close", () => upstream.destroy());
    incoming.pipe(upstream);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address: AddressInfo = Object(server.address());
  return {
    url: `http://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
