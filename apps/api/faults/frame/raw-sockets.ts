import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** Opens one connection; failures end it and nothing else. With `allowHalfOpen` it stays open on this side. */
export async function openSocket(url: string, { allowHalfOpen = false } = {}): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen });
  const failed = new Promise<void>((resolve) => {
    socket.on("error", () => resolve());
  });
  await Promise.race([once(socket, "connect"), failed]);
  return socket;
}

/** Opens many connections, some at a time, and sends `bytes(index)` on each. */
export async function openSockets(
  url: string,
  count: number,
  bytes: (index: number) => string,
): Promise<Socket[]> {
  const sockets: Socket[] = [];
  while (sockets.length < count) {
    const some = Math.min(1000, count - sockets.length);
    const opened = await Promise.all(Array.from({ length: some }, () => openSocket(url)));
    for (const socket of opened) {
      const first = bytes(sockets.length);
      if (first !== "" && socket.writable) socket.write(first);
      sockets.push(socket);
    }
  }
  return sockets;
}

/** What a server has sent on a connection once it ends it, or by `milliseconds`. */
export async function answerWithin(socket: Socket, milliseconds: number): Promise<string> {
  let text = "";
  socket.setEncoding("latin1").on("data", (part: string) => (text += part));
  // Not `once` of events: it fails on a reset, after which the end comes as well.
  const closed = new Promise((resolve) => socket.once("close", resolve));
  const overdue = setTimeout(() => socket.destroy(), milliseconds);
  await closed;
  clearTimeout(overdue);
  return text;
}
