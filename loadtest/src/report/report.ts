import * as z from "zod";

const spread = z.object({ median: z.number(), min: z.number(), max: z.number() });
/** What stands in a cell; null where nothing was measured. */
export const cell = z.union([z.string(), z.number(), spread, z.null()]);

/** A table; a cell with repeats holds its median and extremes. */
const table = z.object({
  title: z.string(),
  note: z.string().nullable(),
  columns: z.array(
    z.object({
      key: z.string(),
      label: z.string(),
      /** Digits after the point; null for text. */
      digits: z.int().min(0).nullable(),
      /** Whether the extremes are shown behind the median. */
      spread: z.boolean(),
    }),
  ),
  rows: z.array(z.record(z.string(), cell)),
});

/** `subject` is Sepal itself, `reference` what it is compared with. */
const role = z.enum(["subject", "reference", "other"]);

const bars = z.object({
  kind: z.literal("bars"),
  title: z.string(),
  unit: z.string(),
  bars: z.array(
    z.object({
      label: z.string(),
      role,
      value: spread.nullable(),
      /** Short text behind the bar, such as its p99, or why there is none. */
      note: z.string(),
    }),
  ),
});

const axis = z.object({ label: z.string(), scale: z.enum(["linear", "log"]) });

const lines = z.object({
  kind: z.literal("lines"),
  title: z.string(),
  x: axis,
  y: axis,
  series: z.array(
    z.object({ name: z.string(), role, points: z.array(z.tuple([z.number(), z.number()])) }),
  ),
  /** Horizontal lines with a name, such as a target. */
  marks: z.array(z.object({ label: z.string(), y: z.number() })),
});

/** One figure that was asked for, and what was measured. */
const verdict = z.object({
  figure: z.string(),
  asked: z.string(),
  /** The wish beyond what is asked; null without one. */
  aim: z.string().nullable(),
  measured: z.string(),
  verdict: z.enum(["aim met", "met", "missed", "not measured"]),
  /** Generator and conditions, or the reason of the verdict. */
  reason: z.string(),
});

const environment = z.object({
  cpu: z.string(),
  cores: z.int(),
  memory_mb: z.int(),
  os: z.string(),
  node: z.string(),
  /** How server and client are placed on the cores. */
  placement: z.string(),
  /** Load generators with their versions. */
  generators: z.array(z.string()),
  /** Libraries by the server that uses them. */
  versions: z.record(z.string(), z.record(z.string(), z.string())),
  commit: z.string().nullable(),
});

/** The report of an experiment, which the playground shows. */
export const report = z.object({
  format: z.literal(1),
  /** Name of the files `<name>.json`, `.md` and `.svg`. */
  name: z.string().regex(/^[a-z0-9-]+$/),
  title: z.string(),
  /** How it was measured and what was found, one paragraph each. */
  summary: z.array(z.string()),
  created_at: z.iso.datetime(),
  command: z.string(),
  parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  environment,
  verdicts: z.array(verdict),
  tables: z.array(table),
  charts: z.array(z.discriminatedUnion("kind", [bars, lines])),
  /** What could not be measured, each with the reason. */
  missing: z.array(z.object({ name: z.string(), reason: z.string() })),
  /** Every single run behind the tables. */
  samples: z.array(z.record(z.string(), z.union([z.string(), z.number(), z.null()]))),
});

/** See {@link report}. */
export type Report = z.infer<typeof report>;
/** See {@link table}. */
export type ReportTable = z.infer<typeof table>;
/** See {@link cell}. */
export type ReportCell = z.infer<typeof cell>;
/** See {@link bars}. */
export type BarChart = z.infer<typeof bars>;
/** See {@link lines}. */
export type LineChart = z.infer<typeof lines>;
/** See {@link verdict}. */
export type Verdict = z.infer<typeof verdict>;
/** See {@link environment}. */
export type Environment = z.infer<typeof environment>;
