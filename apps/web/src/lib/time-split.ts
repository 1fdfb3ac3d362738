import type { RequestTiming } from "./resource-timing.ts";
import type { ServerTiming } from "./server-timing.ts";

/** A part of a call's duration, in milliseconds. */
export interface TimePart {
  readonly name:
    | "browser"
    | "browser and proxy"
    | "proxy"
    | "queue"
    | "inference"
    | "rest of the server";
  readonly ms: number;
}

interface Measured {
  /** From the call to its result in the page's code. */
  readonly total: number;
  readonly server: ServerTiming | null;
  readonly request: RequestTiming | null;
  /** The server's account of its work in the body, where the header has none. */
  readonly processingMs: number;
}

/** The time in the server, in milliseconds. */
export function serverMs({
  server,
  processingMs,
}: Pick<Measured, "server" | "processingMs">): number {
  return server?.total ?? processingMs;
}

/**
 * The parts of a call's duration, which sum to it. `browser` is the page's own work and what the browser does before the
 * request leaves and after the first byte is back; `proxy` is the way to the server and back, through the playground.
 */
export function timeParts(measured: Measured): TimePart[] {
  const { total, server, request } = measured;
  const waited = request === null ? total : Math.min(total, request.firstByte - request.sent);
  const inServer = Math.min(waited, serverMs(measured));
  const parts: TimePart[] =
    request === null
      ? [{ name: "browser and proxy", ms: total - inServer }]
      : [
          { name: "browser", ms: total - waited },
          { name: "proxy", ms: waited - inServer },
        ];
  const queue = Math.min(inServer, server?.queue ?? 0);
  const inference = Math.min(inServer - queue, server?.compute ?? 0);
  if (server !== null && server.compute !== null) {
    parts.push({ name: "queue", ms: queue }, { name: "inference", ms: inference });
  }
  parts.push({ name: "rest of the server", ms: inServer - queue - inference });
  return parts;
}

/** A duration with two significant digits below 10 ms. */
export function milliseconds(value: number): string {
  return value >= 10 ? value.toFixed(0) : value.toFixed(value >= 1 ? 1 : 2);
}
