import { once } from "node:events";
import type { Agent } from "node:http";
import { request, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import type { RowRequest } from "./row-faces.ts";

/** A reply, read whole. */
export interface RowReply {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: Buffer;
}

/** How a request ends before its time: after so many milliseconds, or with the reply's first bytes. */
export type Leaving = number | "at the reply" | null;

/** A request may take so long, in milliseconds. */
const LIMIT_MS = 60_000;

/** Sends a request over a kept connection; null where it left before its reply was read. */
export async function sendKept(
  url: string,
  { path, headers, body }: RowRequest,
  agent: Agent,
  leaving: Leaving,
): Promise<RowReply | null> {
  const sent = request(url + path, {
    method: "POST",
    agent,
    headers: { ...headers, "content-length": body.length },
    signal: AbortSignal.timeout(LIMIT_MS),
  });
  const left = { yes: false };
  const leave = () => {
    left.yes = true;
    sent.destroy();
  };
  const timer = typeof leaving === "number" ? setTimeout(leave, leaving) : undefined;
  try {
    const replied = once(sent, "response");
    sent.end(body);
    const [reply]: IncomingMessage[] = await replied;
    if (reply === undefined) throw new Error("no response");
    if (leaving === "at the reply") {
      await once(reply, "data");
      leave();
      return null;
    }
    const parts: Buffer[] = [];
    for await (const part of reply) parts.push(part);
    return { status: reply.statusCode ?? 0, headers: reply.headers, body: Buffer.concat(parts) };
  } catch (error) {
    if (left.yes) return null;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Sends requests at once over one connection, none waiting for the reply of the one before; their replies in order. */
export async function sendPipelined(
  url: string,
  requests: readonly RowRequest[],
): Promise<RowReply[]> {
  const { hostname, port, host } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.setTimeout(LIMIT_MS, () => socket.destroy(new Error("no reply in time")));
  socket.write(
    Buffer.concat(
      requests.flatMap(({ path, headers, body }) => {
        const lines = Object.entries({ host, ...headers, "content-length": body.length });
        const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
        return [Buffer.from(`POST ${path} HTTP/1.1\r\n${head}\r\n`), body];
      }),
    ),
  );
  const replies: RowReply[] = [];
  let rest = Buffer.alloc(0);
  for await (const part of socket) {
    rest = Buffer.concat([rest, part]);
    for (;;) {
      const end = rest.indexOf("\r\n\r\n");
      const head = rest.subarray(0, Math.max(0, end)).toString();
      const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1]);
      if (end < 0 || rest.length < end + 4 + length) break;
      const body = rest.subarray(end + 4, end + 4 + length);
      replies.push({ status: Number(head.split(" ")[1]), headers: {}, body });
      rest = rest.subarray(end + 4 + length);
    }
    if (replies.length === requests.length) break;
  }
  socket.destroy();
  return replies;
}
