import { CSV, HEAD, NDJSON, ROW } from "./csv-file.ts";

const FEATURES = [5.1, 3.5, 1.4, 0.2];
const ROWS = [FEATURES, [6, 2.7, 5.1, 1.6]];
/** Enough rows for a worker thread. */
const MANY = Array.from({ length: 5000 }, () => FEATURES);
const TENSOR = { name: "features", shape: [1, 4], datatype: "FP32", data: FEATURES };
/** Enough for an answer that is worth compressing. */
const TENSORS = { ...TENSOR, shape: [400, 4], data: Array.from({ length: 400 }, () => FEATURES) };
const BINARY = { name: "proba", parameters: { binary_data: true } };
const INFER = "/v2/models/iris-forest/infer";
const FILE = `${HEAD}\n${ROW}\n`;
const EVENTS = { accept: "text/event-stream" };
const PREFLIGHT = { "access-control-request-method": "POST" };

/** More than the servers of the tests take as a body. */
export const BODY_LIMIT = 200_000;
const LARGE = " ".repeat(BODY_LIMIT + 1);

/** A request by any face. */
export interface FaceRequest {
  readonly method: "GET" | "OPTIONS" | "POST";
  readonly path: string;
  readonly body?: string;
  readonly headers: Readonly<Record<string, string>>;
}

function posted(path: string, body: unknown, headers: Record<string, string> = {}): FaceRequest {
  return {
    method: "POST",
    path,
    body: typeof body === "string" ? body : JSON.stringify(body),
    headers: { "content-type": "application/json", ...headers },
  };
}

function got(path: string, method: "GET" | "OPTIONS" = "GET", headers = {}): FaceRequest {
  return { method, path, headers };
}

/** One prediction, by every face and in every form; each is answered. */
export const ANSWERED = {
  rest: posted("/predict", { features: FEATURES }),
  "rest, by model": posted("/predict/iris-forest", { features: FEATURES }),
  "rest, by contract": posted("/iris/predict", { features: FEATURES }),
  "rest, legacy": posted("/v1/predict", { features: FEATURES.map(String) }),
  "rest, batch": posted("/predict-batch", { rows: ROWS }),
  "rest, batch on a thread": posted("/predict-batch", { rows: MANY }),
  "rest, explained": posted("/explain", { features: FEATURES }),
  "rest, events": posted("/predict-batch", { rows: ROWS }, EVENTS),
  "rest, CSV": posted("/predict-file", FILE, CSV),
  "rest, NDJSON": posted("/predict-file", `{"features":[${ROW}]}\n`, NDJSON),
  trpc: posted("/trpc/predict", { features: FEATURES }),
  "trpc, by contract": posted("/trpc/iris.predict", { features: FEATURES }),
  "trpc, batch": posted("/trpc/predictBatch", { rows: ROWS }),
  "trpc, batch of calls": posted("/trpc/predict?batch=1", { 0: { features: FEATURES } }),
  "trpc, stream": posted(
    "/trpc/predictStream?batch=1",
    { 0: { rows: ROWS } },
    {
      "trpc-accept": "application/jsonl",
    },
  ),
  oip: posted(INFER, { inputs: [TENSOR] }),
  "oip, compressed": posted(INFER, { inputs: [TENSORS] }, { "accept-encoding": "gzip" }),
  "oip, binary": posted(INFER, { inputs: [TENSOR], outputs: [BINARY] }),
} as const;

function late(request: FaceRequest): FaceRequest {
  return { ...request, headers: { ...request.headers, "x-request-timeout-ms": "0" } };
}

/** The same mistakes by each face; the faces of one group are refused for the same reason. */
export const REFUSED = {
  rule: {
    rest: posted("/predict", { features: [-1, 2, 3, 4] }),
    problem: posted(
      "/predict",
      { features: [-1, 2, 3, 4] },
      { accept: "application/problem+json" },
    ),
    events: posted("/predict-batch", { rows: [[-1, 2, 3, 4]] }, EVENTS),
    trpc: posted("/trpc/predict", { features: [-1, 2, 3, 4] }),
    oip: posted(INFER, { inputs: [{ ...TENSOR, data: [-1, 2, 3, 4] }] }),
  },
  "no JSON": {
    rest: posted("/predict", "{"),
    trpc: posted("/trpc/predict", "{"),
    oip: posted(INFER, "{"),
  },
  "unknown model": {
    rest: posted("/predict", { features: FEATURES, model_name: "rose" }),
    trpc: posted("/trpc/predict", { features: FEATURES, model_name: "rose" }),
    oip: posted("/v2/models/rose/infer", { inputs: [TENSOR] }),
  },
  "wrong method": {
    rest: got("/predict"),
    trpc: got("/trpc/predict"),
    oip: got(INFER),
  },
  "too large": {
    rest: posted("/predict", LARGE),
    trpc: posted("/trpc/predict", LARGE),
    oip: posted(INFER, LARGE),
  },
  "deadline passed": {
    rest: late(ANSWERED.rest),
    trpc: late(ANSWERED.trpc),
    oip: late(ANSWERED.oip),
  },
} as const;

/** Further requests whose replies one process and four must give alike. */
export const OTHERS: readonly FaceRequest[] = [
  posted("/jobs", FILE, CSV),
  posted("/predict", FILE, CSV),
  posted("/trpc/predict", FILE, CSV),
  ...["/", "/models", "/models/iris-forest/background", "/models/rose", "/nope"].map((p) => got(p)),
  ...["/health", "/health/live", "/health/ready", "/metrics"].map((p) => got(p)),
  ...["/docs", "/redoc", "/openapi.json", "/v2", "/v2/models/iris-forest"].map((p) => got(p)),
  ...["/trpc/health", "/trpc/models.list", "/trpc/nope"].map((p) => got(p)),
  ...["/predict", "/trpc/predict", INFER].map((p) => got(p, "OPTIONS", PREFLIGHT)),
];
