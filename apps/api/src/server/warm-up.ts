import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { connect, type AddressInfo } from "node:net";
import type { ModelRegistry } from "@sepal/model/repository/registry";
import { defaultContract } from "@sepal/schema/contracts/index";
import type { Contract } from "@sepal/schema/define-contract";

/** Connections that send at the same time, each the next request when it has a response. */
const CONNECTIONS = 50;

/** Longest time that a start waits for it, in milliseconds. */
const MAX_MS = 1000;

/** What clients send most: REST, and the links `httpBatchLink` and `httpLink` of tRPC. */
function requestsOf({ name, examples: [{ features }] }: Contract): readonly [string, object][] {
  const procedure = name === defaultContract.name ? "predict" : `${name}.predict`;
  return [
    ["/predict", { features }],
    [`/trpc/${procedure}?batch=1`, { 0: { features } }],
    ["/predict", { features }],
    [`/trpc/${procedure}`, { features }],
  ];
}

/**
 * Sends predictions through the HTTP path of the server, so that V8 has compiled it when the first client comes, and
 * returns how many had a response with 200.
 *
 * To be called after the heap is trimmed, which drops compiled code. The requests come over a listener of their own on
 * the loopback address, which closes every connection that does not know its secret.
 */
export async function warmUp(
  listener: RequestListener,
  registry: ModelRegistry,
  requests: number,
): Promise<number> {
  const { rootContract, defaultModel } = registry;
  const known = defaultModel !== null && registry.get(defaultModel) !== undefined;
  if (requests === 0 || !known || rootContract === undefined) return 0;
  const secret = randomUUID();
  const server = createServer((raw, response) => {
    if (raw.headers["x-api-key"] === secret) listener(raw, response);
    else raw.socket.destroy();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const messages = requestsOf(rootContract).map(([path, value]) => {
    const body = JSON.stringify(value);
    return `POST ${path} HTTP/1.1\r\nhost: localhost\r\nx-api-key: ${secret}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
  });
  const end = performance.now() + MAX_MS;
  let sent = 0;
  let predicted = 0;
  const sendAll = async () => {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => undefined);
    const send = () => {
      if (sent >= requests || performance.now() > end) socket.destroy();
      else socket.write(messages[sent++ % messages.length] ?? "");
    };
    socket.on("connect", send).on("data", (response) => {
      // A response comes in one piece.
      if (response.includes("HTTP/1.1 200")) predicted += 1;
      send();
    });
    await once(socket, "close");
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, sendAll));
  server.closeAllConnections();
  server.close();
  return predicted;
}
