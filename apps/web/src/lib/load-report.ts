import * as z from "zod";
import { benchSample } from "./race.ts";

const spread = z.object({ median: z.number(), min: z.number(), max: z.number() });
const cell = z.union([z.string(), z.number(), spread, z.null()]).catch(null);

const table = z.object({
  title: z.string(),
  note: z.string().nullish(),
  columns: z.array(
    z.object({ key: z.string(), label: z.string(), digits: z.int().min(0).max(12).nullish() }),
  ),
  rows: z.array(z.record(z.string(), cell)),
});

const role = z.enum(["subject", "reference", "other"]).catch("other");

const bars = z.object({
  kind: z.literal("bars"),
  title: z.string(),
  unit: z.string().catch(""),
  bars: z.array(
    z.object({
      label: z.string(),
      role,
      value: spread.nullish(),
      note: z.string().catch(""),
    }),
  ),
});

const axis = z.object({ label: z.string(), scale: z.enum(["linear", "log"]).catch("linear") });

const lines = z.object({
  kind: z.literal("lines"),
  title: z.string(),
  x: axis,
  y: axis,
  series: z.array(
    z.object({ name: z.string(), role, points: z.array(z.tuple([z.number(), z.number()])) }),
  ),
  marks: z.array(z.object({ label: z.string(), y: z.number() })).catch([]),
});

const verdict = z.object({
  figure: z.string(),
  asked: z.string().catch(""),
  measured: z.string().catch(""),
  verdict: z.string(),
  reason: z.string().catch(""),
});

/** The items of a list that can be read; those of a later format fall away. */
function readable<T>(item: z.ZodType<T>) {
  return z
    .array(z.unknown())
    .catch([])
    .transform((items) =>
      items.flatMap((each) => {
        const parsed = item.safeParse(each);
        return parsed.success ? [parsed.data] : [];
      }),
    );
}

/** What an experiment of `loadtest` wrote, as far as this page can show it. */
export const loadReport = z.object({
  name: z.string().regex(/^[\w.-]+$/),
  title: z.string(),
  created_at: z.string().catch(""),
  command: z.string().catch(""),
  summary: readable(z.string()),
  environment: z.record(z.string(), z.unknown()).catch({}),
  verdicts: readable(verdict),
  tables: readable(table),
  charts: readable(z.discriminatedUnion("kind", [bars, lines])),
  missing: readable(z.object({ name: z.string(), reason: z.string() })),
  /** Runs of the bench; of other experiments none of them reads as one. */
  samples: readable(benchSample),
});

/** See {@link loadReport}. */
export type LoadReport = z.infer<typeof loadReport>;
/** A table; a cell with repeats holds its median and extremes. */
export type ReportTable = z.infer<typeof table>;
/** A cell of a {@link ReportTable}. */
export type ReportCell = z.infer<typeof cell>;
/** Values of several subjects beside each other. */
export type ReportBars = z.infer<typeof bars>;
/** Values over another, one line a series. */
export type ReportLines = z.infer<typeof lines>;
