import { expect, test } from "vitest";
import { eventually, startApi } from "../support/api-process.ts";
import { post, send } from "../support/json-request.ts";
import { attributesOf, startCollector } from "../support/otlp-collector.ts";

const GOOD = { features: [5.1, 3.5, 1.4, 0.2] };

/** Value of a sample of the text of Prometheus. */
function sampleOf(text: string, sample: string): number {
  const line = text.split("\n").find((each) => each.startsWith(`${sample} `));
  return Number(line?.split(" ").at(-1));
}

test.each(["1", "2"])(
  "a collector gets the metrics of /metrics, of %s processes, and a last time at the end",
  async (WORKERS) => {
    await using collector = await startCollector();
    await using api = await startApi({
      variables: {
        WORKERS,
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_EXPORTER_OTLP_HEADERS: "x-tenant=iris",
        OTEL_TRACES_EXPORTER: "none",
        OTEL_METRIC_EXPORT_INTERVAL: "300",
        OTEL_RESOURCE_ATTRIBUTES: "service.name=flowers,deployment.environment.name=test",
      },
    });
    for (let call = 0; call < 20; call += 1) await post(`${api.url}/predict`, GOOD);
    const labels = { handler: "/predict", method: "POST", status: "2xx" };
    const pointOf = (name: string, wanted: Record<string, string>) => {
      const metric = collector.exports.at(-1)?.metrics.get(name);
      const { dataPoints } = metric?.sum ?? metric?.histogram ?? metric?.gauge ?? {};
      return dataPoints?.find((point) =>
        Object.entries(wanted).every(([key, value]) => attributesOf(point)[key] === value),
      );
    };
    await eventually(
      () => pointOf("http_requests_total", labels)?.asDouble === 20,
      "the collector has every request",
    );
    const { text } = await send(`${api.url}/metrics`);
    const { resource, metrics } = collector.exports.at(-1) ?? {};
    expect(resource).toMatchObject({
      "service.name": "flowers",
      "deployment.environment.name": "test",
      "service.instance.id": expect.stringMatching(/^[\da-f-]{36}$/),
    });
    expect(metrics?.get("http_requests_total")).toMatchObject({
      description: "Requests answered",
      sum: { isMonotonic: true, aggregationTemporality: 2 },
    });
    const names = text.matchAll(/^# TYPE (\S+) (\S+)$/gm);
    expect(new Set(metrics?.keys())).toEqual(new Set([...names].map(([, name]) => name)));
    const { handler, method } = labels;
    const duration = pointOf("http_request_duration_seconds", { handler, method });
    expect(duration?.count).toBe(20);
    const bounds = duration?.explicitBounds ?? [];
    const upTo = (bound: number) =>
      (duration?.bucketCounts ?? []).slice(0, bounds.indexOf(bound) + 1).reduce((a, b) => a + b, 0);
    for (const le of bounds) {
      const sample = `http_request_duration_seconds_bucket{le="${le}",handler="/predict",method="POST"}`;
      expect(upTo(le), sample).toBe(sampleOf(text, sample));
    }
    expect(duration?.sum).toBeGreaterThan(0);
    expect(pointOf("model_ready", { model: "iris-forest" })?.asDouble).toBe(1);
    const metricsPosts = collector.seen.filter(({ path }) => path === "/v1/metrics");
    expect(metricsPosts.length).toBe(collector.seen.length);
    expect(metricsPosts[0]?.headers["x-tenant"]).toBe("iris");
    await post(`${api.url}/predict`, GOOD);
    api.child.kill("SIGTERM");
    expect(await api.ended()).toBe(0);
    expect(pointOf("http_requests_total", labels)?.asDouble).toBe(21);
  },
);

test("process metrics have their standard names, summed over the processes", async () => {
  await using api = await startApi({ variables: { WORKERS: "2" } });
  const read = async () => {
    const { text } = await send(`${api.url}/metrics`);
    const names = ["process_cpu_seconds_total", "process_open_fds", "process_max_fds"] as const;
    return names.map((name) => sampleOf(text, name));
  };
  const [cpu = 0, open = 0, most = 0] = await read();
  expect(cpu).toBeGreaterThan(0.1);
  expect(open).toBeGreaterThan(20);
  expect(most).toBeGreaterThan(open);
  for (let call = 0; call < 50; call += 1) await post(`${api.url}/predict`, GOOD);
  const [later = 0] = await read();
  expect(later).toBeGreaterThan(cpu);
});

test("a protocol that is not spoken is a warning, and a collector that is away disturbs nothing", async () => {
  await using api = await startApi({
    variables: {
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: "http://127.0.0.1:1/v1/metrics",
      OTEL_EXPORTER_OTLP_PROTOCOL: "grpc",
      OTEL_EXPORTER_OTLP_TIMEOUT: "100",
      OTEL_METRIC_EXPORT_INTERVAL: "100",
    },
  });
  const lines = (text: string) => api.log.filter((line) => line["msg"] === text);
  await eventually(() => lines("metrics cannot be sent").length > 0, "the failure is logged");
  expect(api.log.find((line) => line["protocol"] === "grpc")?.["level"]).toBe("warn");
  expect((await post(`${api.url}/predict`, GOOD)).headers.get("traceparent")).toBeNull();
  api.child.kill("SIGTERM");
  expect(await api.ended()).toBe(0);
  expect(lines("metrics cannot be sent")).toHaveLength(1);
});
