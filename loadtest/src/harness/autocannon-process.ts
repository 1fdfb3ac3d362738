import { readFileSync } from "node:fs";
import { createHistogram } from "node:perf_hooks";
import autocannon from "autocannon";
import { REQUEST_TIMEOUT_S, type LoadResult } from "./load-generators.ts";
import { percentileOrNull } from "./statistics.ts";

const [url = "", file = "", connections = "", seconds = ""] = process.argv.slice(2);
const requests = readFileSync(file, "utf8")
  .trimEnd()
  .split("\n")
  .map((body) => ({ body }));

// autocannon's own histogram counts whole milliseconds; this one counts microseconds.
const latencies = createHistogram({ figures: 3, highest: 10 ** 9 });
let ok = 0;
let non2xx = 0;
let client = 0;

const result = await new Promise<autocannon.Result>((resolve, reject) => {
  const instance = autocannon(
    {
      url,
      method: "POST",
      headers: { "content-type": "application/json" },
      connections: Number(connections),
      duration: Number(seconds),
      timeout: REQUEST_TIMEOUT_S,
      setupClient(connection) {
        // Each connection starts elsewhere, or all would send the same row at the same time.
        const start = Math.floor((client++ * requests.length) / Number(connections));
        connection.setRequests([...requests.slice(start), ...requests.slice(0, start)]);
      },
    },
    (error, result) => (error instanceof Error ? reject(error) : resolve(result)),
  );
  instance.on("response", (_client, status, _bytes, milliseconds) => {
    if (status >= 200 && status < 300) ok += 1;
    else non2xx += 1;
    latencies.record(Math.max(1, Math.round(milliseconds * 1000)));
  });
});

const answered = ok + non2xx;
// A client that gave up waited at least as long: without these a server with few responses looks fast.
for (let timeout = 0; timeout < result.timeouts; timeout += 1) {
  latencies.record(REQUEST_TIMEOUT_S * 1e6);
}
const at = (percentile: number) =>
  percentileOrNull(percentile, answered + result.timeouts, latencies.percentile(percentile) / 1000);
// A connection closed under its request is neither an error nor a response to autocannon.
const lost = result.requests.sent - answered - result.errors - Number(connections);
const measured: LoadResult = {
  requests: ok,
  seconds: result.duration,
  p50: at(50),
  p90: at(90),
  p95: at(95),
  p99: at(99),
  p999: at(99.9),
  errors: {
    non2xx,
    sockets: result.errors - result.timeouts + Math.max(0, lost),
    timeouts: result.timeouts,
  },
};
console.log(JSON.stringify(measured));
