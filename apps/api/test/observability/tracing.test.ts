import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, startApi, type ApiProcess } from "../support/api-process.ts";
import { post, send } from "../support/json-request.ts";
import { newTrace } from "../support/new-trace.ts";
import { attributesOf, startCollector, type OtlpSpan } from "../support/otlp-collector.ts";

type Collector = Awaited<ReturnType<typeof startCollector>>;

const FEATURES = [5.1, 3.5, 1.4, 0.2];
const GOOD = { features: FEATURES };
const MANY = Array.from({ length: 5000 }, () => FEATURES);
const TENSOR = { name: "features", datatype: "FP32", shape: [1, 4], data: FEATURES };
const TENSORS = { ...TENSOR, shape: [2, 4], data: [...FEATURES, ...FEATURES] };

/** Begin and end in nanoseconds. */
function times({ startTimeUnixNano, endTimeUnixNano }: OtlpSpan) {
  return { start: BigInt(startTimeUnixNano), end: BigInt(endTimeUnixNano) };
}

function named(spans: readonly OtlpSpan[], name: string): OtlpSpan {
  const span = spans.find((one) => one.name === name);
  if (span === undefined) throw new Error(`no span ${name}`);
  return span;
}

describe("with a collector", () => {
  let collector: Collector;
  let api: ApiProcess;
  beforeAll(async () => {
    collector = await startCollector();
    api = await startApi({
      variables: {
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_EXPORTER_OTLP_HEADERS: "x-tenant=iris",
        OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=test",
        OTEL_SERVICE_NAME: "flowers",
        OTEL_BSP_SCHEDULE_DELAY: "50",
      },
    });
  });
  afterAll(async () => {
    await api[Symbol.asyncDispose]();
    await collector[Symbol.asyncDispose]();
  });

  test.each([
    ["/predict", "/predict", GOOD, 1],
    ["/iris/predict/iris-mlp", "/iris/predict/:model_name", GOOD, 1],
    ["/predict-batch", "/predict-batch", { rows: [FEATURES, FEATURES] }, 2],
    ["/predict-batch", "/predict-batch", { rows: MANY }, 5000],
    ["/explain", "/explain", GOOD, 1],
    ["/v2/models/iris-forest/infer", undefined, { inputs: [TENSOR] }, 1],
    ["/v2/models/iris-forest/infer", undefined, { inputs: [TENSORS] }, 2],
    ["/trpc/predict", "/trpc/predict", GOOD, 1],
    ["/trpc/predictBatch", "/trpc/predictBatch", { rows: [FEATURES] }, 1],
    ["/trpc/iris.predictBatch", "/trpc/iris.predictBatch", { rows: MANY }, 5000],
    ["/trpc/predict,predict?batch=1", undefined, { 0: GOOD, 1: GOOD }, 2],
  ])("a call of %s is a span with its wait and its run", async (path, route, body, rows) => {
    const { traceId, parentId, headers } = newTrace();
    const before = BigInt(Date.now() - 20) * 1_000_000n;
    const reply = await post(api.url + path, body, headers);
    expect(reply.status).toBe(200);
    await eventually(() => collector.ofTrace(traceId).length === 3, "the spans are sent");
    // The request ends once its response is sent, which may be after the client has read it.
    const after = BigInt(Date.now() + 20) * 1_000_000n;

    const spans = collector.ofTrace(traceId);
    const server = spans.find(({ kind }) => kind === 2);
    if (server === undefined) throw new Error("no server span");
    expect(server.parentSpanId).toBe(parentId);
    expect(reply.headers.get("traceparent")).toBe(`00-${traceId}-${server.spanId}-01`);
    const model = path.includes("iris-mlp") ? "iris-mlp" : "iris-forest";
    const seen = { "sepal.model": model, "sepal.model_version": "1", "sepal.rows": rows };
    expect(attributesOf(server)).toMatchObject({
      ...seen,
      "http.request.method": "POST",
      "http.response.status_code": 200,
      "url.path": path.replace(/\?.*/, ""),
      "sepal.request_id": reply.headers.get("x-request-id"),
    });
    if (route !== undefined) expect(server.name).toBe(`POST ${route}`);

    const queue = named(spans, "queue");
    const inference = named(spans, "inference");
    for (const child of [queue, inference]) {
      expect(child.parentSpanId).toBe(server.spanId);
      expect(attributesOf(child)).toEqual(seen);
    }
    const order = [
      before,
      times(server).start,
      times(queue).start,
      times(queue).end,
      times(inference).start,
      times(inference).end,
      times(server).end,
      after,
    ];
    // Times of the day are doubles of milliseconds: exact to half a microsecond.
    for (const [index, time] of order.entries()) {
      expect(time - (order[index - 1] ?? 0n), `${index} of ${order.join(" ")}`).toBeGreaterThan(
        -2000n,
      );
    }
    expect(times(inference).end - times(inference).start).toBeGreaterThan(0n);
    const [, queued = NaN, computed = NaN] =
      /queue;dur=([\d.]+), compute;dur=([\d.]+)/
        .exec(reply.headers.get("server-timing") ?? "")
        ?.map(Number) ?? [];
    for (const [span, milliseconds] of [
      [queue, queued],
      [inference, computed],
    ] as const) {
      const { start, end } = times(span);
      expect(Number(end - start) / 1e6).toBeCloseTo(milliseconds, 2);
    }

    const lineOf = () => api.log.find((line) => line["trace_id"] === traceId);
    await eventually(() => lineOf() !== undefined, "the request is logged");
    expect(lineOf()).toMatchObject({ span_id: server.spanId, status: 200, rows });
  });

  test("a call without a trace begins one, and its line is found by the id in the reply", async () => {
    const reply = await post(`${api.url}/predict`, GOOD);
    const [, traceId = "", spanId] = (reply.headers.get("traceparent") ?? "").split("-");
    await eventually(() => collector.ofTrace(traceId).length === 3, "the spans are sent");
    const server = named(collector.ofTrace(traceId), "POST /predict");
    expect(server).toMatchObject({ spanId, kind: 2 });
    expect(server.parentSpanId ?? "").toBe("");
    const lineOf = () => api.log.find((line) => line["trace_id"] === traceId);
    await eventually(() => lineOf() !== undefined, "the request is logged");
    expect(lineOf()).toMatchObject({ span_id: spanId, route: "/predict" });
  });

  test("a trace that its caller does not keep is not sent, and goes on all the same", async () => {
    const { traceId, headers } = newTrace("00");
    const reply = await post(`${api.url}/predict`, GOOD, headers);
    expect(reply.headers.get("traceparent")).toMatch(new RegExp(`^00-${traceId}-[\\da-f]{16}-00$`));
    const later = newTrace();
    await post(`${api.url}/predict`, GOOD, later.headers);
    await eventually(() => collector.ofTrace(later.traceId).length === 3, "a later one is sent");
    expect(collector.ofTrace(traceId)).toEqual([]);
  });

  test("a refused call is a span without children; a missing route has the method for a name", async () => {
    const refused = newTrace();
    const traceState = "vendor=opaque";
    const headers = { ...refused.headers, tracestate: traceState };
    await post(`${api.url}/predict`, { features: [987.654] }, headers);
    const lost = newTrace();
    await send(`${api.url}/nowhere/hidden?key=secret`, { headers: lost.headers });
    const late = newTrace();
    await post(`${api.url}/predict`, GOOD, { ...late.headers, "x-request-timeout-ms": "0" });
    const sent = () => [refused, lost, late].flatMap(({ traceId }) => collector.ofTrace(traceId));
    await eventually(() => sent().length === 3, "the spans are sent");
    const [bad, none, overdue] = sent();
    expect(bad).toMatchObject({ name: "POST /predict", traceState });
    expect(bad && attributesOf(bad)).toMatchObject({ "http.response.status_code": 422 });
    expect(bad?.status?.code ?? 0).toBe(0);
    expect(none?.name).toBe("GET");
    expect(overdue).toMatchObject({ name: "POST /predict", status: { code: 2 } });
    expect(overdue && attributesOf(overdue)).toMatchObject({ "error.type": "504" });
    expect(JSON.stringify(collector.spans)).not.toMatch(/secret|987\.654/);
  });

  test("probes and scrapes are no spans", async () => {
    const probes = ["/health", "/health/live", "/health/ready", "/metrics", "/v2/health/ready"];
    const { traceId, headers } = newTrace();
    for (const path of probes) await send(api.url + path, { headers });
    const later = newTrace();
    await post(`${api.url}/predict`, GOOD, later.headers);
    await eventually(() => collector.ofTrace(later.traceId).length === 3, "a later one is sent");
    expect(collector.ofTrace(traceId)).toEqual([]);
  });

  test("the spans say whose they are, and go where the variables say", () => {
    expect(collector.resources[0]).toMatchObject({
      "service.name": "flowers",
      "service.version": "0.1.0",
      "deployment.environment.name": "test",
    });
    expect(collector.seen[0]).toMatchObject({
      path: "/v1/traces",
      headers: { "x-tenant": "iris", "content-type": "application/json" },
    });
  });
});
