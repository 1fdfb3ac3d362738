import { failedShare, offerLoad } from "../clients/offer-load.ts";
import { planPinning } from "../host/pinning.ts";
import type { Report } from "../report/report.ts";
import { findSaturation } from "./saturation.ts";
import { startSepal } from "../servers/sepal-server.ts";
import type { SweepPoint } from "./sweep-point.ts";
import { sweepReport, type SweepOptions } from "./sweep-report.ts";

/** Offered rates, as shares of what the server answers in a closed loop. */
const SHARES = [0.1, 0.25, 0.5, 0.75, 0.9, 1, 1.1, 1.25, 1.5];

/** Seconds at each rate before those that count. */
const WARM_UP_S = 2;

/** Raises the offered rate past saturation; requests come when they are due, answers or not. */
export async function runSweep(options: SweepOptions, command: string): Promise<Report> {
  const { duration: seconds, connections, port } = options;
  const pinning = planPinning();
  await using sepal = await startSepal(port, pinning.server);
  const { url, bodies } = sepal;
  const saturation = await findSaturation(sepal, pinning.client);
  console.log(
    `${pinning.note}; closed loop: ${Math.round(saturation.rate)} req/s (${saturation.client})`,
  );
  const points: SweepPoint[] = [];
  for (const share of SHARES) {
    const offered = saturation.rate * share;
    const load = { url, bodies, rate: offered, connections, seconds, naps: false } as const;
    const result = await offerLoad(
      { ...load, schedule: "poisson", warmUpSeconds: WARM_UP_S },
      pinning.client,
    );
    sepal.server.forgetOutput();
    points.push({ share, offered, seconds, ...result });
    console.log(
      `offered ${Math.round(offered)}/s: p50 ${result.p50?.toFixed(1) ?? "?"} ms, p99 ${result.p99?.toFixed(1) ?? "?"} ms, ` +
        `failed ${(failedShare(result) * 100).toFixed(2)} %, late ${result.late} of ${result.due}`,
    );
  }
  return sweepReport({ points, saturation, options, pinning, command });
}
