import { expect, test } from "vitest";
import { startApi, eventually, type ApiProcess } from "../support/api-process.ts";
import { post, send } from "../support/json-request.ts";
import { startCollector } from "../support/otlp-collector.ts";
import { newTrace } from "../support/new-trace.ts";

// What becomes of spans where the collector or the process ends.

const GOOD = { features: [5.1, 3.5, 1.4, 0.2] };

/** Counts of ended spans by what became of them. */
async function spanCounts(api: ApiProcess): Promise<Record<string, number>> {
  const { text } = await send(`${api.url}/metrics`);
  const found = text.matchAll(/^trace_spans_total\{outcome="(\w+)"\} (\d+)$/gm);
  return Object.fromEntries([...found].map(([, outcome, count]) => [outcome, Number(count)]));
}

test("the last spans are sent before the process ends", async () => {
  await using collector = await startCollector();
  const variables = {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    // Nothing is sent before, however long a busy machine takes to start.
    OTEL_BSP_SCHEDULE_DELAY: "600000",
  };
  await using api = await startApi({ variables });
  const { traceId, headers } = newTrace();
  await post(`${api.url}/predict`, GOOD, headers);
  expect(collector.spans).toEqual([]);
  api.child.kill("SIGTERM");
  expect(await api.ended()).toBe(0);
  expect(collector.ofTrace(traceId)).toHaveLength(3);
});

test("a collector that is away disturbs nothing: spans are counted, told of once, and the end is clean", async () => {
  const gone = await startCollector();
  await gone[Symbol.asyncDispose]();
  const variables = {
    OTEL_EXPORTER_OTLP_ENDPOINT: gone.url,
    OTEL_EXPORTER_OTLP_TIMEOUT: "100",
    OTEL_BSP_SCHEDULE_DELAY: "20",
    OTEL_BSP_MAX_QUEUE_SIZE: "6",
    OTEL_BSP_MAX_EXPORT_BATCH_SIZE: "3",
  };
  await using api = await startApi({ variables });
  const statuses = new Set<number>();
  const ask = async () => statuses.add((await post(`${api.url}/predict`, GOOD)).status);
  await eventually(async () => {
    await Promise.all(Array.from({ length: 20 }, ask));
    const { failed = 0, dropped = 0 } = await spanCounts(api);
    return failed > 6 && dropped > 0;
  }, "spans fail and are dropped");
  expect([...statuses]).toEqual([200]);
  expect((await spanCounts(api))["exported"]).toBe(0);
  const told = () => api.log.filter((line) => line["msg"] === "spans cannot be sent");
  await eventually(() => told().length > 0, "it is told");
  expect(told()).toEqual([
    expect.objectContaining({
      level: "warn",
      err: expect.objectContaining({ message: expect.stringContaining("ECONNREFUSED") }),
    }),
  ]);
  api.child.kill("SIGTERM");
  expect(await api.ended()).toBe(0);
  expect(api.errors()).toBe("");
});

test("a collector that refuses gets no spans twice, and they are counted", async () => {
  await using collector = await startCollector();
  collector.answerWith(400);
  await using api = await startApi({
    variables: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: "20" },
  });
  const refused = newTrace();
  await post(`${api.url}/predict`, GOOD, refused.headers);
  await eventually(() => collector.hasRefused(refused.traceId), "the spans are refused");
  await eventually(async () => ((await spanCounts(api))["failed"] ?? 0) >= 3, "they are counted");
  collector.answerWith(200);
  const taken = newTrace();
  await post(`${api.url}/predict`, GOOD, taken.headers);
  await eventually(async () => (await spanCounts(api))["exported"] === 3, "three are sent");
  expect(collector.ofTrace(taken.traceId)).toHaveLength(3);
  expect(collector.ofTrace(refused.traceId)).toEqual([]);
});
