import { overloadReport, type OverloadOptions } from "./overload-report.ts";
import type { OverloadPoint } from "./overload-verdicts.ts";
import { offerLoad } from "../clients/offer-load.ts";
import { planPinning, type Pinning } from "../host/pinning.ts";
import { usageOf } from "../host/process-usage.ts";
import { probeRefusals } from "../clients/refusal-probe.ts";
import type { Report } from "../report/report.ts";
import { findSaturation, type Saturation } from "./saturation.ts";
import { startSepal } from "../servers/sepal-server.ts";

/** Seconds between two looks at the memory. */
const CHUNK_S = 10;
const WARM_UP_S = 2;

/** Rows a request: the work has to cost more than its refusal, which costs what a canned answer does. */
const ROWS = 200;
const BODIES = 64;

/** Longest estimated wait that the server is told to allow: it bounds the latency of what is accepted. */
const QUEUE_MAX_WAIT_MS = "3";

/** What a server answers that refuses nothing: a closed loop would only have it refuse the more. */
async function unboundedSaturation(port: number, { server, client }: Pinning): Promise<Saturation> {
  await using sepal = await startSepal(port, server);
  const { url, file: bodies } = sepal.bodiesOf(ROWS, BODIES);
  const loaded = { url, bodies, server: sepal.server };
  // Warm-up: until its code is optimised, a server answers a third less.
  await findSaturation(loaded, client);
  return await findSaturation(loaded, client);
}

/** Offers a server twice what it answers at most, and holds what it accepts against its latency at 80 %. */
export async function runOverload(options: OverloadOptions, command: string): Promise<Report> {
  const { duration, connections, port } = options;
  const pinning = planPinning();
  const saturation = await unboundedSaturation(port, pinning);
  await using sepal = await startSepal(port, pinning.server, { QUEUE_MAX_WAIT_MS });
  const { server } = sepal;
  const { url, file: bodies } = sepal.bodiesOf(ROWS, BODIES);
  console.log(`${pinning.note}; closed loop: ${Math.round(saturation.rate)} req/s`);
  const offer = async (share: number, seconds: number): Promise<OverloadPoint> => {
    const rate = saturation.rate * share;
    const load = { url, bodies, rate, connections, seconds, naps: false } as const;
    const result = await offerLoad(
      { ...load, schedule: "poisson", warmUpSeconds: WARM_UP_S },
      pinning.client,
    );
    const residentBytes = usageOf(server.pid)?.residentBytes ?? null;
    server.forgetOutput();
    console.log(
      `${share * 100} %: ${Math.round(result.answered / seconds)}/s accepted with p99 ${result.p99?.toFixed(1) ?? "?"} ms, ` +
        `${Math.round(result.refused / seconds)}/s refused, late ${result.late} of ${result.due}`,
    );
    return { share, offered: rate, seconds, residentBytes, ...result };
  };
  // Warm-up as well: this server is another process.
  await offer(0.8, CHUNK_S);
  const points = [await offer(0.8, CHUNK_S)];
  await using probe = probeRefusals(url, bodies);
  for (let left = duration; left > 0; left -= CHUNK_S) {
    points.push(await offer(2, Math.min(CHUNK_S, left)));
  }
  const refusals = await probe.stop();
  return overloadReport({ points, refusals, saturation, options, pinning, command });
}
