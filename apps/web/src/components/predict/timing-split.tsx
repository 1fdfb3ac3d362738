import type { CallTiming } from "@/lib/timing-link.ts";
import { cn } from "@/lib/cn.ts";

interface Part {
  readonly name: string;
  readonly ms: number;
  readonly colour: string;
}

function milliseconds(value: number): string {
  return value >= 10 ? value.toFixed(0) : value.toFixed(value >= 1 ? 1 : 2);
}

/** The parts of a call's duration: queue and inference where the server says, else the server as a whole. */
function parts(timing: CallTiming, processingMs: number): Part[] {
  const { total, server } = timing;
  const serverMs = Math.min(total, server?.total ?? processingMs);
  const network = { name: "network", ms: Math.max(0, total - serverMs), colour: "bg-edge" };
  if (server === null || server.compute === null) {
    return [network, { name: "server", ms: serverMs, colour: "bg-leaf" }];
  }
  const queue = server.queue ?? 0;
  const rest = Math.max(0, serverMs - queue - server.compute);
  return [
    network,
    { name: "queue", ms: queue, colour: "bg-amber" },
    { name: "inference", ms: server.compute, colour: "bg-leaf" },
    { name: "rest of the server", ms: rest, colour: "bg-iris" },
  ];
}

interface TimingSplitProps {
  readonly timing: CallTiming;
  /** The server's own account of its work, in milliseconds. */
  readonly processingMs: number;
}

/** Where the time of the latest call went. */
export function TimingSplit({ timing, processingMs }: TimingSplitProps) {
  const split = parts(timing, processingMs);
  return (
    <div className="text-sm">
      <p className="flex items-baseline justify-between gap-4">
        <span className="text-muted">Response time</span>
        <span className="figures">{milliseconds(timing.total)} ms</span>
      </p>
      <div aria-hidden="true" className="mt-1.5 flex h-2 gap-px overflow-hidden rounded-xs">
        {split.map(({ name, ms, colour }) => (
          <span key={name} className={cn("min-w-0.5", colour)} style={{ flexGrow: ms }} />
        ))}
      </div>
      <ul aria-label="Parts of the response time" className="mt-2 flex flex-wrap gap-x-4 gap-y-1">
        {split.map(({ name, ms, colour }) => (
          <li key={name} className="flex items-center gap-1.5 text-muted">
            <span aria-hidden="true" className={cn("size-2 rounded-xs", colour)} />
            {name} <span className="figures text-ink">{milliseconds(ms)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
