import { trpcBatchLink, type Endpoint, type Workload } from "../harness/peers.ts";
import * as wire from "../harness/wire-formats.ts";

/** A kind of request that both sides are loaded with. */
export interface CallTarget {
  readonly name: string;
  readonly title: string;
  /** Rows of a request, a row a call. */
  readonly rows: number;
  readonly endpoint: (workload: Pick<Workload, "rows">) => Endpoint;
}

/** What can be measured, in the order in which it is: REST before what fills the heap. */
export const CALL_TARGETS: readonly CallTarget[] = [
  {
    name: "rest",
    title: "REST",
    rows: 1,
    endpoint: ({ rows }) =>
      rows === 1
        ? { path: "/predict", format: wire.single }
        : { path: "/predict-batch", format: wire.rows },
  },
  {
    name: "trpc",
    title: "tRPC single",
    rows: 1,
    endpoint: ({ rows }) =>
      rows === 1
        ? { path: "/trpc/predict", format: wire.trpcSingle }
        : { path: "/trpc/predictBatch", format: wire.trpcRows },
  },
  { name: "trpc-batch-1", title: "tRPC batch of one", rows: 1, endpoint: trpcBatchLink },
  { name: "trpc-batch-5", title: "tRPC batch of five", rows: 5, endpoint: trpcBatchLink },
];
