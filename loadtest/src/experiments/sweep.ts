import { defineExperiment, PORT } from "../experiment.ts";
import { planPinning } from "../harness/host.ts";
import { failedShare, lateShare, offerLoad, OPEN_LOOP_NAME } from "../harness/open-loop.ts";
import { startSepal } from "../harness/servers.ts";
import { generatorName } from "../report/build-report.ts";
import { formatPercent } from "../report/format.ts";
import { lines, percentileName, table } from "../report/parts.ts";
import { HALF_LOAD_TARGET, halfLoadVerdict } from "./half-load.ts";
import { findSaturation, saturationFound } from "./saturation.ts";

/** Offered rates, as shares of the throughput in a closed loop. */
const SHARES = [0.1, 0.25, 0.5, 0.75, 0.9, 1, 1.1, 1.25, 1.5];

/** Seconds at each rate before those that count. */
const WARM_UP_S = 2;

const LATENCIES = ["p50", "p90", "p99", "p999"] as const;

/** Raises the offered rate past saturation; requests are sent when they are due, whatever the responses. */
export const sweep = defineExperiment({
  name: "sweep",
  asks: "p99 and failures against the offered rate, past saturation",
  options: { duration: [5, "seconds a rate"], connections: [256, "connections"], port: PORT },
  async run({ duration: seconds, connections, port }) {
    const pinning = planPinning();
    await using sepal = await startSepal(port, pinning.server);
    const { url, bodies } = sepal;
    const saturation = await findSaturation(sepal, pinning.client);
    console.log(
      `${pinning.note}; closed loop: ${Math.round(saturation.rate)} req/s (${saturation.client})`,
    );
    const runs = [];
    for (const share of SHARES) {
      const offered = saturation.rate * share;
      const load = { url, bodies, rate: offered, connections, seconds, naps: false } as const;
      const result = await offerLoad(
        { ...load, schedule: "poisson", warmUpSeconds: WARM_UP_S },
        pinning.client,
      );
      sepal.server.forgetOutput();
      runs.push({ share, offered, seconds, ...result });
      console.log(
        `offered ${Math.round(offered)}/s: p50 ${result.p50?.toFixed(1) ?? "?"} ms, p99 ${result.p99?.toFixed(1) ?? "?"} ms, ` +
          `failed ${formatPercent(failedShare(result), 2)}, late ${result.late} of ${result.due}`,
      );
    }
    const generators = [OPEN_LOOP_NAME, generatorName(saturation.client)];
    return { runs, saturation, placement: pinning.note, generators };
  },
  title: () => "Latency and failures against the offered rate",
  summary: ({ saturation }) => [
    `${saturationFound(saturation)}; that is 100 %.`,
    "Arrivals are Poisson and do not wait for responses; latency counts from the time a request was due. Requests that find every connection busy wait for one, and their latency counts that: past saturation it grows for as long as the run lasts. Late requests are the generator's own delay.",
  ],
  targets: ({ runs, saturation }) => [
    halfLoadVerdict(
      runs.filter(({ share }) => share === 0.5),
      saturation.distrust,
    ),
  ],
  tables: ({ runs }) => [
    table("Sepal REST, one row a request", runs, [
      ["offered", "offered/s", 0],
      ["share", "% of saturation", 0, (run) => run.share * 100],
      ...LATENCIES.map((key) => [key, `${percentileName(key)} ms`, 2] as const),
      ["failed", "failed %", 2, (run) => failedShare(run) * 100],
      ["refused", "503", 0],
      ["waited", "found no connection", 0],
      ["late", "late %", 1, (run) => lateShare(run) * 100],
    ]),
  ],
  charts: ({ runs }) => [
    lines({
      title: "Latency",
      x: "offered requests a second",
      y: "milliseconds",
      scale: "log",
      series: (["p99", "p50"] as const).map((key) => ({
        name: key,
        role: key === "p99" ? "subject" : "reference",
        points: runs.flatMap(({ offered, [key]: value }) =>
          value === null ? [] : [[offered, value]],
        ),
      })),
      marks: [{ label: `${HALF_LOAD_TARGET.must} ms`, y: HALF_LOAD_TARGET.must }],
    }),
    lines({
      title: "Failed requests",
      x: "offered requests a second",
      y: "percent",
      series: [
        {
          name: "refused or failed",
          points: runs.map((run) => [run.offered, failedShare(run) * 100]),
        },
      ],
    }),
  ],
});
