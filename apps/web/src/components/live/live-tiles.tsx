import { CheckIcon, WarningIcon } from "@/components/icons.tsx";
import { cn } from "@/lib/cn.ts";
import { count } from "@/lib/format.ts";
import { QUANTILES, stepQuantiles, type ChartSpan, type ShownKind } from "@/lib/live/chart-data.ts";
import { bucketText, quantileText } from "@/lib/live/duration-text.ts";
import { mergeAll } from "@/lib/metrics/merge-ticks.ts";
import { LIMITS } from "./chart-specs.ts";

interface TileProps {
  readonly name: string;
  readonly value: string;
  readonly note: string;
  /** Whether a limit holds; `null` where there is none or nothing to hold against it. */
  readonly good?: boolean | null;
}

function Tile({ name, value, note, good = null }: TileProps) {
  const Icon = good === true ? CheckIcon : WarningIcon;
  return (
    <div className="plate px-4 py-3.5 last:col-span-2 lg:last:col-span-1">
      <dt className="text-sm text-muted">{name}</dt>
      <dd>
        <span className="figures flex items-center gap-2 text-2xl font-semibold">
          {value}
          {good !== null && (
            <Icon className={cn("size-5 shrink-0", good ? "text-leaf" : "text-amber")} />
          )}
        </span>
        <span className="block text-sm text-muted">{note}</span>
      </dd>
    </div>
  );
}

interface LiveTilesProps {
  readonly span: ChartSpan;
  readonly kind: ShownKind;
  readonly bounds: readonly number[];
  /** Length of the window in words, such as `1 minute`. */
  readonly window: string;
}

/** The window in figures, held against the course's two limits. */
export function LiveTiles({ span, kind, bounds, window }: LiveTilesProps) {
  const whole = mergeAll(span.steps);
  const found = whole === null ? [] : stepQuantiles(whole, kind, bounds);
  const total = (counts: Readonly<Record<string, number>>) =>
    Object.values(counts).reduce((sum, each) => sum + each, 0);
  const rates = span.steps.map((step) => total(step.singles) / step.seconds);
  const busiest = Math.max(0, ...rates);
  const now = rates.at(-1) ?? 0;
  const failed = whole === null ? 0 : (whole.statuses["5xx"] ?? 0) + (whole.statuses["4xx"] ?? 0);
  return (
    <dl aria-label={`The last ${window}`} className="grid grid-cols-2 gap-3 lg:grid-cols-5">
      {QUANTILES.map(({ name, q }, index) => {
        const quantile = found[index] ?? null;
        const upper = quantile?.kind === "within" ? quantile.upper : Infinity;
        return (
          <Tile
            key={name}
            name={name}
            value={quantileText(quantile)}
            note={bucketText(quantile)}
            good={q !== 0.99 || quantile === null ? null : upper <= LIMITS.latency}
          />
        );
      })}
      <Tile
        name="Single predictions"
        value={`${count(now)}/s`}
        note={`at most ${count(busiest)}/s; the course asks for ${LIMITS.rate}`}
        good={busiest >= LIMITS.rate ? true : null}
      />
      <Tile name="Errors" value={count(failed)} note={`4xx and 5xx in ${window}`} />
    </dl>
  );
}
