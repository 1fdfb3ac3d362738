import { Tabs as TabsPrimitive } from "@base-ui/react/tabs";
import { clsx } from "clsx";
import type { ReactNode } from "react";

interface TabsProps<Name extends string> {
  readonly label: string;
  readonly titles: Readonly<Record<Name, string>>;
  /** Names in the order of their tabs. */
  readonly names: readonly Name[];
  readonly value: Name;
  readonly onChange: (name: Name) => void;
  /** Stands at the end of the row of tabs. */
  readonly beside?: ReactNode;
  readonly className?: string;
  /** The panel of a tab; made when it is opened. */
  readonly children: (name: Name) => ReactNode;
}

/** Panels of which one is shown, below a row of their titles. */
export function Tabs<Name extends string>(props: TabsProps<Name>) {
  const { label, titles, names, value, onChange, beside, className, children } = props;
  return (
    <TabsPrimitive.Root
      value={value}
      onValueChange={(name: Name) => onChange(name)}
      className={clsx("plate overflow-hidden", className)}
    >
      <div className="flex flex-wrap items-center justify-between gap-x-2 border-b border-rule pr-3 max-sm:pr-0">
        <TabsPrimitive.List aria-label={label} className="flex flex-wrap">
          {names.map((name) => (
            <TabsPrimitive.Tab
              key={name}
              value={name}
              className="border-b-2 border-transparent px-3 py-2.5 text-sm text-muted pointer-coarse:min-h-11 focus-visible:-outline-offset-2 data-active:border-iris data-active:font-semibold data-active:text-ink"
            >
              {titles[name]}
            </TabsPrimitive.Tab>
          ))}
        </TabsPrimitive.List>
        {beside !== undefined && beside !== false && (
          <div className="ml-auto max-w-full py-1 pl-3">{beside}</div>
        )}
      </div>
      {names.map((name) => (
        <TabsPrimitive.Panel key={name} value={name} className="focus-visible:-outline-offset-2">
          {children(name)}
        </TabsPrimitive.Panel>
      ))}
    </TabsPrimitive.Root>
  );
}
