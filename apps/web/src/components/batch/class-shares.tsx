import { classColours, ClassMark } from "@/components/predict/class-mark.tsx";
import { cn } from "@/lib/cn.ts";
import { count } from "@/lib/format.ts";

interface ClassSharesProps {
  readonly classes: readonly string[];
  /** Rows answered, by class. */
  readonly byClass: readonly number[];
}

/** How many rows fell into each class, as parts of one bar. */
export function ClassShares({ classes, byClass }: ClassSharesProps) {
  return (
    <div className="mt-3 border-t border-rule pt-4">
      <div aria-hidden="true" className="flex h-2.5 gap-0.5 overflow-hidden rounded-full">
        {classes.map((label, index) => (
          <span
            key={label}
            className={cn("min-w-0", classColours(index).background)}
            style={{ flexGrow: byClass[index] ?? 0 }}
          />
        ))}
      </div>
      <ul aria-label="Rows of each class" className="mt-2.5 flex flex-wrap gap-x-6 gap-y-1 text-sm">
        {classes.map((label, index) => (
          <li key={label} className="flex items-center gap-2">
            <ClassMark index={index} />
            {label}
            <span className="figures text-muted">{count(byClass[index] ?? 0)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
