import { once } from "node:events";
import { Agent, request, type IncomingMessage } from "node:http";

/** What came back on a connection. */
interface KeptReply {
  readonly status: number | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
}

/** A client with one connection, which it keeps. */
export interface KeepAliveClient extends Disposable {
  /** Sends on the kept connection; fails where the server has closed or resets it. */
  send(path: string, body?: unknown): Promise<KeptReply>;
}

/** Opens a client of one connection; a second connection counts as a failure. */
export function keepAliveClient(url: string): KeepAliveClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let sent = 0;
  return {
    async send(path, body) {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const call = request(url + path, {
        agent,
        ...(text !== undefined && {
          method: "POST",
          headers: { "content-type": "application/json", "content-length": text.length },
        }),
      });
      sent += 1;
      const first = sent === 1;
      const replied = once(call, "response");
      call.end(text);
      const [reply] = await replied;
      if (!first && !call.reusedSocket) throw new Error("the connection was closed");
      let answer = "";
      for await (const part of reply.setEncoding("utf8")) answer += part;
      return { status: reply.statusCode, headers: reply.headers, text: answer };
    },
    [Symbol.dispose]: () => agent.destroy(),
  };
}
