import { defineExperiment, PORT } from "../experiment.ts";
import { openStopwatch, readRequests } from "../harness/connections.ts";
import { checkedPeer, startSepal } from "../harness/servers.ts";
import { scrapeMetrics, sumOf } from "../harness/server-metrics.ts";
import { spread } from "../harness/statistics.ts";
import { nodePeer } from "../harness/peers.ts";
import { bars, table } from "../report/parts.ts";

const MODEL = "iris-forest";

/** Sends single predictions one after the other and reads how often the server loaded the model. */
async function countLoads(name: string, origin: string, bodies: string, requests: number) {
  const loads = async () =>
    sumOf(await scrapeMetrics(origin), "model_loads_total", { model: MODEL });
  const url = new URL(`${origin}/predict`);
  const rows = readRequests(url, bodies);
  using watch = await openStopwatch(url, 1);
  const loadsBefore = await loads();
  const times: number[] = [];
  for (let request = 0; request < requests; request += 1) {
    const at = request % rows.length;
    times.push(await watch.time(rows.slice(at, at + 1)));
  }
  const loadsAfter = await loads();
  console.log(`${name}: ${requests} requests, ${loadsAfter - loadsBefore} loads`);
  const latency = spread(times);
  return { name, loadsBefore, loadsAfter, milliseconds: latency?.median ?? null, latency };
}

/** How often the model is loaded over many requests, against a server that loads it for each. */
export const loadOnce = defineExperiment({
  name: "load-once",
  asks: "model_loads_total over 100 requests, against a server that loads the model for each",
  options: { requests: [100, "requests"], port: PORT },
  async run({ requests, port }) {
    await using sepal = await startSepal(port, null);
    await using other = await checkedPeer(nodePeer("load-per-request", []), port + 1);
    const { server, bodies } = sepal;
    const ours = await countLoads("Sepal", server.url, bodies, requests);
    const theirs = await countLoads("loads per request", other.url, bodies, requests);
    return { ours, theirs, runs: [ours, theirs], generators: ["raw requests on node:net"] };
  },
  title: () => "A model loaded once against one loaded per request",
  summary: (_, { requests }) => [
    `${requests} single predictions one after the other; loads as each server counts them in /metrics.`,
    "The other server is Fastify with ONNX Runtime that opens the same forest for each request.",
  ],
  targets: ({ ours, theirs }, { requests }) => [
    {
      figure: `model_loads_total of Sepal after ${requests} requests`,
      asked: "1",
      aim: null,
      measured: String(ours.loadsAfter),
      verdict: ours.loadsBefore === 1 && ours.loadsAfter === 1 ? "met" : "missed",
      reason: `it was ${ours.loadsBefore} before them; the other server loaded the model ${theirs.loadsAfter - theirs.loadsBefore} times`,
    },
  ],
  tables: ({ runs }, { requests }) => [
    table(
      `model_loads_total over ${requests} requests`,
      runs,
      [
        ["name", "server", null],
        ["before", "before", 0, (run) => run.loadsBefore],
        ["after", "after", 0, (run) => run.loadsAfter],
        ["latency", "ms a response", 2],
      ],
      "Milliseconds a response: median, extremes in brackets. The other server loaded the model for the check of its predictions, too.",
    ),
  ],
  charts: ({ ours, theirs }) => [
    bars("Time of a response", "milliseconds", [
      { label: ours.name, value: ours.latency },
      { label: theirs.name, role: "reference", value: theirs.latency },
    ]),
  ],
});
