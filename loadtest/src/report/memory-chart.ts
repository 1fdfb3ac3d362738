import type { Report } from "./report.ts";
import { mebibytes } from "../statistics/mebibytes.ts";

interface Looks<Point> {
  /** What the points are counted in, on the horizontal axis. */
  readonly label: string;
  readonly points: readonly Point[];
  readonly at: (point: Point) => number;
}

/** The chart of a server's resident memory, look by look, in MiB. */
export function memoryChart<Point extends { readonly residentBytes: number }>({
  label,
  points,
  at,
}: Looks<Point>): Report["charts"][number] {
  return {
    kind: "lines",
    title: "Resident memory",
    x: { label, scale: "linear" },
    y: { label: "MiB", scale: "linear" },
    series: [
      {
        name: "VmRSS of the server",
        role: "subject",
        points: points.map((point) => [at(point), mebibytes(point.residentBytes)]),
      },
    ],
    marks: [],
  };
}
