import Link from "next/link";
import type { ReactNode } from "react";
import { classLabels, type Contract } from "@sepal/schema/define-contract";
import { targetsOf } from "@/lib/contract-parts.ts";
import { ArrowIcon } from "@/components/icons.tsx";

interface StartCardProps {
  readonly title: string;
  readonly href: string;
  readonly action: string;
  readonly picture: ReactNode;
  readonly children: ReactNode;
  /** Further ways, less often taken. */
  readonly more: readonly { readonly href: string; readonly text: string }[];
}

/** One of the ways into the playground. */
export function StartCard({ title, href, action, picture, children, more }: StartCardProps) {
  return (
    <article className="plate flex flex-col overflow-hidden">
      <div className="grid h-36 place-items-center border-b border-rule bg-sunken px-5">
        {picture}
      </div>
      <div className="flex grow flex-col p-5 sm:p-6">
        <h2 className="text-2xl">{title}</h2>
        <div className="mt-2 grow text-muted">{children}</div>
        <p className="mt-5">
          <Link
            href={href}
            prefetch={false}
            className="text-link inline-flex items-center gap-2 font-medium pointer-coarse:min-h-11"
          >
            {action}
            <ArrowIcon className="size-4" />
          </Link>
        </p>
        <ul className="mt-2 flex flex-wrap gap-x-5 text-sm">
          {more.map(({ href: to, text }) => (
            <li key={to}>
              <Link
                href={to}
                prefetch={false}
                className="inline-flex items-center py-1 text-muted underline pointer-coarse:min-h-11"
              >
                {text}
              </Link>
            </li>
          ))}
        </ul>
      </div>
    </article>
  );
}

/** How a prediction is split: what speaks for it and what against, as bars about the average. */
export function WhyPicture() {
  return (
    <svg viewBox="0 0 220 84" aria-hidden="true" className="h-24 w-full max-w-64">
      <path d="M70 8h64v12h-64zM134 28h42v12h-42z" className="fill-leaf" />
      <path d="M150 48h26v12h-26zM140 68h10v12h-10z" className="fill-rose" />
      <path d="M70.5 2V84" className="stroke-ink" strokeDasharray="3 3" />
      <path d="M140.5 2V84" className="stroke-ink" strokeWidth="1.5" />
    </svg>
  );
}

/** The start of an example as a request has it. */
function bodyText({ examples: [{ features }] }: Contract): string {
  const [open, close] = Array.isArray(features) ? "[]" : "{}";
  const parts = Object.entries(features).map(([key, value]) =>
    Array.isArray(features) ? JSON.stringify(value) : `${key}: ${JSON.stringify(value)}`,
  );
  const shown = parts.length > 4 ? [...parts.slice(0, 2), "…"] : parts;
  return `${open}${shown.join(", ")}${close}`;
}

/** A call and its response. */
export function CallPicture({ contract }: { readonly contract: Contract }) {
  const features = bodyText(contract);
  const result = targetsOf(contract)[0]?.name ?? classLabels(contract)[0];
  return (
    <pre aria-hidden="true" className="max-w-full overflow-hidden text-[0.8125rem] leading-relaxed">
      <span className="text-muted">sepal.predict.mutate({"{"}</span>
      {"\n  "}features: {features}
      {"\n"}
      <span className="text-muted">{"})"}</span> <span className="text-leaf">→ {result}</span>
    </pre>
  );
}

const COUNTS = [2, 9, 22, 38, 31, 19, 11, 7, 4, 3, 2, 1, 1];

/** Bars of the counts from one to another, as one path. */
function bars(from: number, to: number): string {
  return COUNTS.slice(from, to)
    .map((count, index) => `M${6 + (from + index) * 13} 74v${-count * 1.7}h10v${count * 1.7}z`)
    .join("");
}

/** The shape of latencies: many short, a few long, and a line not to cross. */
export function LatencyPicture() {
  return (
    <svg viewBox="0 0 220 84" aria-hidden="true" className="h-24 w-full max-w-64">
      <path d={bars(0, 9)} className="fill-leaf" />
      <path d={bars(9, COUNTS.length)} className="fill-amber" />
      <path d="M0 74.5H220" className="stroke-edge" />
      <path d="M190 6V74" className="stroke-iris" strokeWidth="1.5" strokeDasharray="3 3" />
      <text x="186" y="14" textAnchor="end" className="fill-iris text-[11px] font-semibold">
        100 ms
      </text>
    </svg>
  );
}
