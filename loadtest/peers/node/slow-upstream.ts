import { monitorEventLoopDelay } from "node:perf_hooks";
import { fastify } from "fastify";
import { blockingFetch } from "./blocking-fetch.ts";
import { predictRows } from "./iris-forest.ts";
import { predictBatchRequest, predictRequest } from "./iris-schema.ts";

// A prediction that asks another service first, and either waits for it or stands still.
const [port, upstream = "", mode] = process.argv.slice(2);
const blocking = blockingFetch(upstream);
const calls = {
  blocking: () => blocking(),
  async: async () => void (await (await fetch(upstream)).arrayBuffer()),
};
if (mode !== "blocking" && mode !== "async") throw new Error("the mode is blocking or async");
const call = calls[mode];
const delays = monitorEventLoopDelay({ resolution: 1 });
delays.enable();

const app = fastify();

app.post("/predict", async ({ body }) => {
  const { features } = predictRequest.parse(body);
  await call();
  const [prediction] = await predictRows([features]);
  return prediction;
});

app.post("/predict-batch", async ({ body }) => {
  const { rows } = predictBatchRequest.parse(body);
  await call();
  const predictions = await predictRows(rows);
  return { predictions, count: predictions.length };
});

app.get("/", () => "ready");

app.get("/metrics", () =>
  [0.5, 0.99, 1]
    .map((quantile) => {
      const seconds = (quantile === 1 ? delays.max : delays.percentile(quantile * 100)) / 1e9;
      return `nodejs_eventloop_delay_seconds{level="${quantile}"} ${seconds}\n`;
    })
    .join(""),
);

await app.listen({ port: Number(port), host: "127.0.0.1" });
