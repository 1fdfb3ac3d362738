import { ROOT } from "../root.ts";
import * as wire from "./wire-formats.ts";
import type { Workload } from "./workloads.ts";

/** Where requests of one kind go and in which form. */
export interface Endpoint {
  readonly path: string;
  readonly format: wire.WireFormat;
}

/** A server that is measured. */
export interface Peer {
  readonly name: string;
  readonly title: string;
  readonly kind: "floor" | "sepal" | "node" | "python";
  /** Folder of its virtual environment and sources, for Python peers. */
  readonly python?: string;
  /** Node of a peer that is no Python; the one that runs this process where none is named. */
  readonly node?: string;
  /** Arguments after the interpreter, or after the folder's programs for Python peers. */
  readonly command: (port: number) => readonly string[];
  readonly variables?: (port: number) => Readonly<Record<string, string>>;
  /** Answers 200 once predictions are served; without it any answer will do. */
  readonly ready: string | null;
  readonly endpoint: (workload: Pick<Workload, "rows">) => Endpoint;
}

const node = (file: string) => `${ROOT}loadtest/peers/node/${file}`;

const rest =
  (root = "") =>
  ({ rows }: Pick<Workload, "rows">): Endpoint =>
    rows === 1
      ? { path: `${root}/predict`, format: wire.single }
      : { path: `${root}/predict-batch`, format: wire.rows };

const trpc =
  (root = "") =>
  ({ rows }: Pick<Workload, "rows">): Endpoint =>
    rows === 1
      ? { path: `${root}/predict`, format: wire.trpcSingle }
      : { path: `${root}/predictBatch`, format: wire.trpcRows };

const sepal = {
  kind: "sepal",
  command: () => ["--single-threaded-gc", `${ROOT}apps/api/src/main.ts`],
  variables: (port: number) => ({ PORT: String(port), MODELS_DIR: `${ROOT}models` }),
  ready: "/health/ready",
} as const;

/** Every server of the comparison, in the order of the tables. */
export const PEERS: readonly Peer[] = [
  {
    name: "floor",
    title: "bare node:http (canned answer)",
    kind: "floor",
    command: (port) => [node("floor.ts"), String(port)],
    ready: null,
    endpoint: ({ rows }) => ({
      path: rows === 1 ? "/predict" : `/predict-batch/${rows}`,
      format: rows === 1 ? wire.single : wire.rows,
    }),
  },
  { ...sepal, name: "sepal-rest", title: "Sepal REST", endpoint: rest() },
  { ...sepal, name: "sepal-trpc", title: "Sepal tRPC", endpoint: trpc("/trpc") },
  {
    name: "fastify-onnx",
    title: "Fastify + ORT, unbatched",
    kind: "node",
    command: (port) => [node("fastify-onnx.ts"), String(port)],
    ready: null,
    endpoint: rest(),
  },
  {
    name: "trpc-to-openapi",
    title: "trpc-to-openapi handler",
    kind: "node",
    command: (port) => [node("trpc-to-openapi.ts"), String(port)],
    ready: null,
    endpoint: rest(),
  },
  {
    name: "trpc-standalone",
    title: "stock tRPC standalone",
    kind: "node",
    command: (port) => [node("trpc-standalone.ts"), String(port)],
    ready: null,
    endpoint: trpc(),
  },
  {
    name: "fastapi-onnx",
    title: "FastAPI + onnxruntime",
    kind: "python",
    python: "fastapi-onnx",
    command: (port) => ["python", "main.py", String(port)],
    ready: null,
    endpoint: rest(),
  },
  {
    name: "fastapi-sklearn",
    title: "FastAPI + scikit-learn",
    kind: "python",
    python: "fastapi-sklearn",
    command: (port) => ["python", "main.py", String(port)],
    ready: null,
    endpoint: rest(),
  },
  {
    name: "mlserver",
    title: "MLServer",
    kind: "python",
    python: "mlserver",
    command: () => ["mlserver", "start", "."],
    variables: (port) => ({
      MLSERVER_HTTP_PORT: String(port),
      MLSERVER_GRPC_PORT: String(port + 1),
      MLSERVER_METRICS_PORT: String(port + 2),
    }),
    ready: "/v2/models/iris-forest/ready",
    endpoint: () => ({ path: "/v2/models/iris-forest/infer", format: wire.openInference }),
  },
  {
    name: "litserve",
    title: "LitServe",
    kind: "python",
    python: "litserve",
    command: (port) => ["python", "main.py", String(port)],
    ready: "/health",
    endpoint: () => ({ path: "/predict", format: wire.rows }),
  },
  {
    name: "bentoml",
    title: "BentoML",
    kind: "python",
    python: "bentoml",
    command: (port) => [
      "bentoml",
      "serve",
      "service:IrisForest",
      "--host",
      "127.0.0.1",
      "--port",
      String(port),
    ],
    ready: "/readyz",
    endpoint: () => ({ path: "/predict", format: wire.matrix }),
  },
];
