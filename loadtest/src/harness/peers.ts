import { ROOT } from "../settings.ts";
import { readColumns } from "./manifest-columns.ts";
import { onnxRuntimeLibrary } from "./rust-build.ts";
import * as wire from "./wire-formats.ts";

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

/** Path and format of one kind of request. */
export interface Endpoint {
  readonly path: string;
  readonly format: wire.WireFormat;
  /** Whose rows it takes and predicts; the irises of `iris-forest` where no model is named. */
  readonly model?: "penguins-forest";
}

/** A server that is measured. */
export interface Peer {
  readonly name: string;
  readonly title: string;
  readonly kind: "floor" | "sepal" | "node" | "rust" | "python";
  /** Folder of its virtual environment and sources, for Python peers. */
  readonly python?: string;
  /** Node of a Node peer; the one that runs this process where none is named. */
  readonly node?: string;
  /** Arguments after Node, the program in the environment of a Python peer, or that of the Rust peer. */
  readonly command: (port: number) => readonly string[];
  readonly variables?: (port: number) => Readonly<Record<string, string>>;
  /** Path that returns 200 once predictions are served; without it any response will do. */
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

/** Most calls that the batch link puts into one request: `MAX_CALLS` of the server. */
const MAX_CALLS = 100;

/** The path and body that `httpBatchLink` of `@trpc/client` sends: a call a row, or one call with all of more rows. */
export function trpcBatchLink({ rows }: Pick<Workload, "rows">): Endpoint {
  if (rows > MAX_CALLS) {
    return { path: "/trpc/predictBatch?batch=1", format: wire.trpcBatchOfRows };
  }
  const paths = Array.from({ length: rows }, () => "predict").join(",");
  return { path: `/trpc/${paths}?batch=1`, format: wire.trpcBatch };
}

const named = wire.named(readColumns("penguins-forest"));

/** Rows of seven features by name: numbers, categories and missing values. */
const namedRest = ({ rows }: Pick<Workload, "rows">): Endpoint => ({
  ...(rows === 1
    ? { path: "/penguins/predict", format: named.single }
    : { path: "/penguins/predict-batch", format: named.rows }),
  model: "penguins-forest",
});

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
  {
    ...sepal,
    name: "sepal-named",
    title: "Sepal REST, named penguins",
    // Ready once it serves what is measured.
    variables: (port) => ({ ...sepal.variables(port), REQUIRED_MODELS: "penguins-forest" }),
    endpoint: namedRest,
  },
  { ...sepal, name: "sepal-trpc", title: "Sepal tRPC", endpoint: trpc("/trpc") },
  {
    ...sepal,
    name: "sepal-trpc-batch",
    title: "Sepal tRPC, batch link",
    endpoint: trpcBatchLink,
  },
  {
    name: "axum-onnx",
    title: "axum + ORT, micro-batched",
    kind: "rust",
    command: (port) => [String(port), `${ROOT}models/iris-forest/1/model.onnx`],
    variables: () => ({ ORT_DYLIB_PATH: onnxRuntimeLibrary() ?? "" }),
    ready: null,
    endpoint: rest(),
  },
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

/** The peer of a name; throws where there is none. */
export function peerNamed(name: string): Peer {
  const found = PEERS.find((peer) => peer.name === name);
  if (found === undefined) throw new Error(`there is no server "${name}"`);
  return found;
}

/** A peer with the routes of `fastify-onnx` whose program is another of `peers/node/`. */
export function nodePeer(program: string, args: readonly string[]): Peer {
  const command = (port: number) => [node(`${program}.ts`), String(port), ...args];
  return { ...peerNamed("fastify-onnx"), name: program, command };
}
