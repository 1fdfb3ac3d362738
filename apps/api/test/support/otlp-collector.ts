import { once } from "node:events";
import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";

/** A span as OTLP writes it in JSON. */
export interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  /** 1 internal, 2 server. */
  readonly kind: number;
  /** Nanoseconds since the Unix epoch. */
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly traceState?: string;
  readonly status?: { readonly code?: number };
  readonly attributes: readonly OtlpAttribute[];
}

interface OtlpAttribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** Attributes by their names. */
export function attributesOf({
  attributes,
}: {
  readonly attributes: readonly OtlpAttribute[];
}): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}

interface OtlpPoint {
  readonly attributes: readonly OtlpAttribute[];
  readonly startTimeUnixNano: string;
  readonly timeUnixNano: string;
  readonly asDouble?: number;
  readonly count?: number;
  readonly sum?: number;
  readonly bucketCounts?: readonly number[];
  readonly explicitBounds?: readonly number[];
}

/** A metric as OTLP writes it in JSON. */
interface OtlpMetric {
  readonly name: string;
  readonly description: string;
  readonly gauge?: { readonly dataPoints: readonly OtlpPoint[] };
  /** `aggregationTemporality` 2 is cumulative. */
  readonly sum?: {
    readonly dataPoints: readonly OtlpPoint[];
    readonly isMonotonic: boolean;
    readonly aggregationTemporality: number;
  };
  readonly histogram?: {
    readonly dataPoints: readonly OtlpPoint[];
    readonly aggregationTemporality: number;
  };
}

interface Exported {
  readonly resourceSpans?: readonly {
    readonly resource: { readonly attributes: readonly OtlpAttribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
  }[];
  readonly resourceMetrics?: readonly {
    readonly resource: { readonly attributes: readonly OtlpAttribute[] };
    readonly scopeMetrics: readonly { readonly metrics: readonly OtlpMetric[] }[];
  }[];
}

/** Takes spans and metrics over OTLP/HTTP, as a collector does. */
export async function startCollector() {
  const spans: OtlpSpan[] = [];
  const resources: Record<string, unknown>[] = [];
  const exports: {
    readonly resource: Record<string, unknown>;
    readonly metrics: ReadonlyMap<string, OtlpMetric>;
  }[] = [];
  const seen: { readonly path: string; readonly headers: NodeJS.Dict<string | string[]> }[] = [];
  const refused: string[] = [];
  let status = 200;
  const take = ({ resourceSpans = [], resourceMetrics = [] }: Exported) => {
    for (const { resource, scopeMetrics } of resourceMetrics) {
      const metrics = scopeMetrics.flatMap((scope) => scope.metrics);
      exports.push({
        resource: attributesOf(resource),
        metrics: new Map(metrics.map((metric) => [metric.name, metric])),
      });
    }
    for (const { resource, scopeSpans } of resourceSpans) {
      resources.push(attributesOf(resource));
      for (const scope of scopeSpans) spans.push(...scope.spans);
    }
  };
  const server = createServer((request, response) => {
    void (async () => {
      const body = await buffer(request);
      seen.push({ path: request.url ?? "", headers: request.headers });
      const text = request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body;
      if (status === 200) take(JSON.parse(text.toString()));
      else refused.push(text.toString());
      response.writeHead(status, { "content-type": "application/json" }).end("{}");
    })();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    /** Those of spans. */
    resources,
    /** All metrics, by name, once an interval. */
    exports,
    seen,
    /** Answers with another status from now on. */
    answerWith(code: number) {
      status = code;
    },
    /** Whether spans of a trace came and were not taken. */
    hasRefused: (traceId: string) => refused.some((text) => text.includes(traceId)),
    ofTrace: (traceId: string) => spans.filter((span) => span.traceId === traceId),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
