import { cn } from "@/lib/cn.ts";
import type { Step } from "@/lib/waterfall.ts";
import { ClassMark } from "./class-mark.tsx";
import { percent } from "./probability-bars.tsx";

const ROW = "grid grid-cols-[minmax(6.25rem,24%)_1fr_4.25rem] items-center gap-x-3";
const TICKS = [0, 0.5, 1];

interface ContributionPanelProps {
  readonly index: number;
  readonly label: string;
  readonly base: number;
  readonly proba: number;
  readonly likeliest: boolean;
  /** Labels of the features. */
  readonly names: readonly string[];
  /** What each feature adds, as a share. */
  readonly added: readonly number[];
  readonly steps: readonly Step[];
  /** Ends of the axis. */
  readonly bounds: Step;
}

function signed(value: number): string {
  const text = percent(Math.abs(value));
  if (text === percent(0)) return text;
  return `${value < 0 ? "−" : "+"}${text}`;
}

/** How the features lead from a class's average probability to the one of this answer. */
export function ContributionPanel(props: ContributionPanelProps) {
  const { index, label, base, proba, likeliest, names, added, steps, bounds } = props;
  const place = (share: number) => `${((share - bounds.from) / (bounds.to - bounds.from)) * 100}%`;
  return (
    <figure className="plate min-w-0 p-4 text-sm">
      <figcaption className="flex items-baseline justify-between gap-3">
        <span className={cn("flex items-center gap-2", likeliest && "font-semibold")}>
          <ClassMark index={index} className="self-center" />
          {label}
        </span>
        <span className="figures text-muted">
          {percent(base)} <span aria-hidden="true">→</span>
          <span className="sr-only">on average, here</span>{" "}
          <span className={cn("text-ink", likeliest && "font-semibold")}>{percent(proba)}</span>
        </span>
      </figcaption>
      <div className="relative mt-3">
        <div aria-hidden="true" className={cn(ROW, "pointer-events-none absolute inset-0")}>
          <span className="relative col-start-2 h-full">
            {TICKS.map((tick) => (
              <span
                key={tick}
                className="absolute inset-y-0 w-px bg-rule"
                style={{ left: place(tick) }}
              />
            ))}
            <span
              className="absolute inset-y-0 border-l border-dashed border-ink"
              style={{ left: place(base) }}
            />
            <span
              className="absolute inset-y-0 -ml-px border-l-2 border-ink"
              style={{ left: place(proba) }}
            />
          </span>
        </div>
        <ul aria-label={`Contributions to ${label}`} className="relative grid">
          {names.map((name, feature) => {
            const { from, to } = steps[feature] ?? { from: 0, to: 0 };
            const value = added[feature] ?? 0;
            return (
              <li key={name} className={cn(ROW, "h-9")}>
                <span title={name} className="line-clamp-2 leading-4 wrap-anywhere">
                  {name}
                </span>
                <span className="relative h-4">
                  <span
                    className={cn(
                      "absolute inset-y-0 min-w-0.5 rounded-xs",
                      value < 0 ? "bg-rose" : "bg-leaf",
                    )}
                    style={{
                      left: place(Math.min(from, to)),
                      right: `calc(100% - ${place(Math.max(from, to))})`,
                    }}
                  />
                </span>
                <span className="figures text-right">{signed(value)}</span>
              </li>
            );
          })}
        </ul>
      </div>
      <div aria-hidden="true" className={cn(ROW, "mt-1 text-xs text-muted")}>
        <span className="relative col-start-2 h-4">
          {TICKS.map((tick) => (
            <span
              key={tick}
              className="absolute -translate-x-1/2 whitespace-nowrap"
              style={{ left: place(tick) }}
            >
              {tick * 100} %
            </span>
          ))}
        </span>
      </div>
    </figure>
  );
}
