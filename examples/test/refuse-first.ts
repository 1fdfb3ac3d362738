import { once } from "node:events";
import { createServer, request } from "node:http";

/** A gateway before a server that rejects the first call on every path, as an overloaded server does. */
export interface Gateway extends AsyncDisposable {
  readonly url: string;
  /** Paths that were refused. */
  readonly refused: ReadonlySet<string>;
}

const REFUSAL = JSON.stringify({ detail: "the queue is full", request_id: "r-1" });

/** Starts one on a free port. */
export async function refuseFirst(target: string): Promise<Gateway> {
  const refused = new Set<string>();
  const server = createServer((incoming, outgoing) => {
    const { url = "", method, headers } = incoming;
    if (!refused.has(url)) {
      refused.add(url);
      incoming.resume();
      outgoing.writeHead(503, { "content-type": "application/json", "retry-after": "1" });
      outgoing.end(REFUSAL);
      return;
    }
    const forwarded = request(target + url, { method, headers }, (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(outgoing);
    });
    incoming.pipe(forwarded);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    refused,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
