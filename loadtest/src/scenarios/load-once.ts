import { checkAnswers } from "../servers/golden-check.ts";
import { readRequests } from "../clients/read-requests.ts";
import { startPeer } from "../servers/peer-server.ts";
import { PEERS, type Peer } from "../servers/peers.ts";
import { ROOT } from "../root.ts";
import { sumOf } from "../statistics/prometheus-text.ts";
import type { Report, Verdict } from "../report/report.ts";
import type { ScenarioOptions } from "./scenario-options.ts";
import { scenarioReport } from "./scenario-report.ts";
import { scrapeMetrics } from "../servers/server-metrics.ts";
import { startSepal, type SepalUnderLoad } from "../servers/sepal-server.ts";
import { spread, type Spread } from "../statistics/statistics.ts";
import { openStopwatch } from "../clients/stopwatch.ts";

const MODEL = "iris-forest";

interface Counted {
  readonly name: string;
  readonly loadsBefore: number;
  readonly loadsAfter: number;
  /** Milliseconds an answer took. */
  readonly latency: Spread | null;
}

/** The same routes on a server that reads the model for each request. */
function careless(): Peer {
  const rest = PEERS.find(({ name }) => name === "fastify-onnx");
  if (rest === undefined) throw new Error("there is no fastify-onnx");
  const program = `${ROOT}loadtest/peers/node/load-per-request.ts`;
  return { ...rest, name: "load-per-request", command: (port) => [program, String(port)] };
}

async function count(name: string, origin: string, { bodies }: SepalUnderLoad, requests: number) {
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
  const counted: Counted = {
    name,
    loadsBefore,
    loadsAfter: await loads(),
    latency: spread(times),
  };
  console.log(`${name}: ${requests} requests, ${counted.loadsAfter - loadsBefore} loads`);
  return counted;
}

function verdict(sepal: Counted, other: Counted, requests: number): Verdict {
  const grown = other.loadsAfter - other.loadsBefore;
  return {
    figure: `model_loads_total of Sepal after ${requests} requests`,
    asked: "1",
    aim: null,
    measured: String(sepal.loadsAfter),
    verdict: sepal.loadsBefore === 1 && sepal.loadsAfter === 1 ? "met" : "missed",
    reason: `it was ${sepal.loadsBefore} before them; the other server loaded the model ${grown} times`,
  };
}

/** How often the model is loaded over many requests, against a server that loads it for each. */
export async function runLoadOnce(
  { requests, port }: ScenarioOptions<"requests" | "port">,
  command: string,
): Promise<Report> {
  await using sepal = await startSepal(port, null);
  const peer = careless();
  await using other = await startPeer(peer, port + 1, null);
  const wrong = await checkAnswers(peer, other.url);
  if (wrong !== null) throw new Error(`answers wrong: ${wrong}`);
  const ours = await count("Sepal", sepal.server.url, sepal, requests);
  const theirs = await count("loads per request", other.url, sepal, requests);
  return scenarioReport({
    name: "load-once",
    title: "A model loaded once against one loaded per request",
    summary: [
      `${requests} single predictions one after the other; loads as each server counts them in /metrics.`,
      "The other server is Fastify with ONNX Runtime that opens the same forest for each request.",
    ],
    command,
    parameters: { requests },
    placement: "not pinned",
    generators: ["raw requests on node:net"],
    verdicts: [verdict(ours, theirs, requests)],
    tables: [
      {
        title: `model_loads_total over ${requests} requests`,
        note: "Milliseconds an answer: median, extremes in brackets. The other server loaded the model for the check of its answers, too.",
        columns: [
          { key: "name", label: "server", digits: null, spread: false },
          { key: "before", label: "before", digits: 0, spread: false },
          { key: "after", label: "after", digits: 0, spread: false },
          { key: "latency", label: "ms an answer", digits: 2, spread: true },
        ],
        rows: [ours, theirs].map(({ name, loadsBefore, loadsAfter, latency }) => ({
          name,
          before: loadsBefore,
          after: loadsAfter,
          latency,
        })),
      },
    ],
    charts: [
      {
        kind: "bars",
        title: "Time an answer takes",
        unit: "milliseconds",
        bars: [ours, theirs].map(({ name, latency }) => ({
          label: name,
          role: name === "Sepal" ? "subject" : "reference",
          value: latency,
          note: "",
        })),
      },
    ],
    samples: [ours, theirs].map(({ name, loadsBefore, loadsAfter, latency }) => ({
      name,
      loadsBefore,
      loadsAfter,
      milliseconds: latency?.median ?? null,
    })),
  });
}
