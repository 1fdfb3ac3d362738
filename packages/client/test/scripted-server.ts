import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

/** Handles one request; a response it does not end stays open. */
export type Reply = (request: IncomingMessage, response: ServerResponse) => void;

/** A server that gives the replies of a list in turn, for what a real one does only under stress. */
export interface ScriptedServer extends AsyncDisposable {
  readonly url: string;
  /** Requests so far. */
  readonly requests: readonly IncomingMessage[];
}

/** Starts one on a free port; a request beyond the last reply gets 500. */
export async function scriptedServer(...replies: readonly Reply[]): Promise<ScriptedServer> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    const reply = replies[requests.length - 1];
    if (reply === undefined) response.writeHead(500).end();
    else reply(request, response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** A reply of tRPC's form. */
export function json(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return (_request, response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(body));
  };
}

/** The refusal of a server that is full. */
export function full(retryAfter: string): Reply {
  const data = { code: "SERVICE_UNAVAILABLE", httpStatus: 503, request_id: "r-1" };
  const error = { message: "the queue is full", code: -32_603, data };
  return json(503, { error }, { "retry-after": retryAfter });
}
