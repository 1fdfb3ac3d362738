import type { Worker } from "node:cluster";

/** The names of `node:cluster` for a connection that it hands to a process, and for the process's acknowledgement. */
const HAND_OVER = "newconn";
const CHANNEL = "NODE_CLUSTER";

function numberIn(message: unknown, key: string): number | undefined {
  if (typeof message !== "object" || message === null) return undefined;
  const value: unknown = Reflect.get(message, key);
  return typeof value === "number" ? value : undefined;
}

function isHandOver(message: unknown): boolean {
  return (
    typeof message === "object" && message !== null && "act" in message && message.act === HAND_OVER
  );
}

/**
 * Takes back connections that were on their way into a process when it died.
 *
 * `node:cluster` waits for the acknowledgement of a killed process for ever: its channel never counts as closed while a
 * handle is on the way. So it gets the one that a closing process sends: not taken.
 */
export function takeBackHandOvers(worker: Worker, othersListen: () => boolean): void {
  const { process: child } = worker;
  const underWay = new Set<number>();
  // oxlint-disable-next-line typescript/unbound-method -- the proxy hands its own `this` on
  child.send = new Proxy(child.send, {
    apply(send, self, args: unknown[]) {
      const [message] = args;
      const seq = isHandOver(message) ? numberIn(message, "seq") : undefined;
      if (seq !== undefined) underWay.add(seq);
      return Reflect.apply(send, self, args);
    },
  });
  child.on("internalMessage", (message: unknown) => {
    const ack = numberIn(message, "ack");
    if (ack !== undefined) underWay.delete(ack);
  });
  const takeBack = () => {
    // Where no other process listens it is closed, so that its client learns of it.
    const accepted = !othersListen();
    for (const ack of underWay) child.emit("internalMessage", { cmd: CHANNEL, ack, accepted });
    underWay.clear();
  };
  // Two turns later: its last acknowledgements are read by then.
  child.once("exit", () => setImmediate(() => setImmediate(takeBack)));
}
