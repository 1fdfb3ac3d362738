import { mebibytes } from "../harness/statistics.ts";
import {
  cell,
  type BarChart,
  type LineChart,
  type ReportCell,
  type ReportTable,
} from "./report.ts";

/** Fields of a row that can stand in a table as they are. */
type CellKey<Row> = {
  [Key in keyof Row & string]: Row[Key] extends ReportCell ? Key : never;
}[keyof Row & string];

/** Key, heading, digits after the point (null for text), and the value where it is not the row's field of that key. */
type Column<Row> =
  | readonly [key: CellKey<Row>, label: string, digits: number | null]
  | readonly [key: string, label: string, digits: number | null, of: (row: Row) => ReportCell];

/** A table with a row for each item; the extremes of a cell with repeats are shown behind its median. */
export function table<Row extends object>(
  title: string,
  items: readonly Row[],
  columns: readonly Column<Row>[],
  note: string | null = null,
): ReportTable {
  const rows = items.map((item) =>
    Object.fromEntries(
      columns.map(([key, , , of]) => [key, of ? of(item) : cell.parse(Reflect.get(item, key))]),
    ),
  );
  const spreads = (key: string) => rows.some((row) => typeof (row[key] ?? "") === "object");
  return {
    title,
    note,
    columns: columns.map(([key, label, digits]) => ({ key, label, digits, spread: spreads(key) })),
    rows,
  };
}

/** A percentile's name, such as `p99.9` of the field `p999`. */
export function percentileName(key: string): string {
  return key === "p999" ? "p99.9" : key;
}

type Bar = BarChart["bars"][number];

/** A bar chart; a bar without a role is Sepal's. */
export function bars(
  title: string,
  unit: string,
  items: readonly (Pick<Bar, "label" | "value"> & Partial<Bar>)[],
): BarChart {
  return {
    kind: "bars",
    title,
    unit,
    bars: items.map((item) => ({ role: "subject", note: "", ...item })),
  };
}

type Series = LineChart["series"][number];

/** A line chart over linear axes, unless `scale` makes the vertical one logarithmic; the first line is Sepal's unless it has another role. */
export function lines({
  title,
  x,
  y,
  scale = "linear",
  series,
  marks = [],
}: {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly scale?: "linear" | "log";
  readonly series: readonly (Omit<Series, "role"> & Partial<Series>)[];
  readonly marks?: LineChart["marks"];
}): LineChart {
  return {
    kind: "lines",
    title,
    x: { label: x, scale: "linear" },
    y: { label: y, scale },
    series: series.map((one, index) => ({ role: index === 0 ? "subject" : "other", ...one })),
    marks,
  };
}

/** The chart of a server's resident memory in MiB over `x`, such as requests. */
export function memoryChart(
  x: string,
  points: readonly (readonly [at: number, residentBytes: number])[],
): LineChart {
  const inMebibytes = points.map(([at, bytes]): [number, number] => [at, mebibytes(bytes)]);
  const series = [{ name: "VmRSS of the server", points: inMebibytes }];
  return lines({ title: "Resident memory", x, y: "MiB", series });
}
