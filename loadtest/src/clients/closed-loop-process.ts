import { once } from "node:events";
import { runClosedLoop } from "./closed-loop.ts";
import type { ClosedLoad } from "./closed-load.ts";
import { readRequests } from "./read-requests.ts";

const { bodies, ...load }: ClosedLoad = JSON.parse(process.argv[2] ?? "");
const url = new URL(load.url);
const started = once(process.stdin, "data");
// The program that started this one was interrupted.
process.stdin.once("end", () => process.exit(1));
let before = process.cpuUsage();
const result = await runClosedLoop(
  { ...load, url, requests: readRequests(url, bodies) },
  async () => {
    console.log("warm");
    await started;
    before = process.cpuUsage();
  },
);
const { user, system } = process.cpuUsage(before);
console.log(JSON.stringify({ ...result, clientCpu: (user + system) / 1e6 / result.seconds }));
process.stdin.destroy();
