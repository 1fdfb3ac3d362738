import type { BatchState, RunState } from "@/lib/batch/protocol.ts";
import { cn } from "@/lib/cn.ts";
import { count, duration, plural } from "@/lib/format.ts";

interface FigureProps {
  readonly name: string;
  readonly value: string;
}

function Figure({ name, value }: FigureProps) {
  return (
    <div>
      <dt className="text-xs text-muted">{name}</dt>
      <dd className="figures text-lg font-medium">{value}</dd>
    </div>
  );
}

/** What is said of a run when it begins, stops and ends; the figures beside it change too often. */
function announcement({ run, answered, badRows }: BatchState): string {
  if (run === null) return "";
  const stays = "; what is answered stays.";
  const texts: Record<RunState["phase"], string> = {
    running: "Predicting.",
    waiting: "Waiting for the server.",
    cancelled: `Cancelled after ${plural(answered, "row")}${stays}`,
    failed: `Stopped after ${plural(answered, "row")}${stays}`,
    done: `${plural(answered, "row")} predicted by ${run.target.model} ${run.target.version} in ${duration(run.elapsed)}${badRows > 0 ? `; ${plural(badRows, "bad row")} left out` : ""}.`,
  };
  return texts[run.phase];
}

/** How far a run is: the bar, rows, speed, time left and bad rows. */
export function RunFigures({ state }: { readonly state: BatchState }) {
  const { run, rows, badRows, answered } = state;
  const good = rows - badRows;
  const average = run !== null && run.elapsed > 0 ? answered / run.elapsed : 0;
  const speed = run?.phase === "running" ? run.rowsPerSecond : average;
  return (
    <>
      <progress
        aria-label="Rows predicted"
        max={Math.max(1, good)}
        value={answered}
        className={cn(
          "mt-5 block h-2.5 w-full appearance-none overflow-hidden rounded-full bg-sunken inset-ring inset-ring-rule",
          "[&::-webkit-progress-bar]:bg-transparent",
          run?.phase === "waiting"
            ? "[&::-moz-progress-bar]:bg-amber [&::-webkit-progress-value]:bg-amber"
            : "[&::-moz-progress-bar]:bg-leaf [&::-webkit-progress-value]:bg-leaf",
        )}
      />
      <dl className="mt-4 grid grid-cols-2 gap-x-4 gap-y-3 sm:grid-cols-4">
        <Figure name={`Predicted of ${count(good)}`} value={count(answered)} />
        <Figure name="Rows a second" value={speed > 0 ? count(speed) : "–"} />
        <Figure
          name={run === null || run.secondsLeft !== null ? "Time left" : "Time"}
          value={
            run === null ? "–" : duration(run.secondsLeft === null ? run.elapsed : run.secondsLeft)
          }
        />
        <Figure name="Bad rows" value={count(badRows)} />
      </dl>
      <output className="mt-3 block min-h-6 text-sm text-muted">{announcement(state)}</output>
    </>
  );
}
