/** A kind of request and how many connections keep sending it. */
export interface Workload {
  readonly name: "single" | "batch-100" | "batch-10000";
  readonly title: string;
  readonly rows: number;
  readonly connections: number;
  /** Different bodies the connections go through. */
  readonly bodies: number;
}

/** What is measured, small to large: a server's memory is read after each. */
export const WORKLOADS: readonly Workload[] = [
  { name: "single", title: "One row a request", rows: 1, connections: 100, bodies: 256 },
  { name: "batch-100", title: "100 rows a request", rows: 100, connections: 16, bodies: 32 },
  { name: "batch-10000", title: "10,000 rows a request", rows: 10_000, connections: 4, bodies: 4 },
];
