import { once } from "node:events";
import { connect } from "node:net";

/** A reply to bytes that no HTTP client would send. */
export interface RawReply {
  readonly status: number;
  /** Status line and headers. */
  readonly head: string;
  /** The body as JSON. */
  // oxlint-disable-next-line typescript/no-explicit-any -- tests reach into bodies of many shapes
  readonly body: any;
}

/** Sends bytes as they are over a connection of their own; they should ask for it to be closed. */
export async function sendRaw(url: string, bytes: string): Promise<RawReply> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, "connect");
  socket.write(bytes);
  let reply = "";
  for await (const part of socket.setEncoding("utf8")) reply += part;
  const [head = "", text = ""] = reply.split("\r\n\r\n");
  return { status: Number(head.split(" ")[1]), head, body: JSON.parse(text) };
}
