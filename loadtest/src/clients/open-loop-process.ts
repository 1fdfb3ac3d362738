import { readFileSync } from "node:fs";
import { goFirst, ownPriority } from "../host/real-time.ts";
import { runOpenLoop } from "./open-loop.ts";
import type { OfferedLoad } from "./offer-load.ts";

const { bodies, ...load }: OfferedLoad = JSON.parse(process.argv[2] ?? "");
const texts = readFileSync(bodies, "utf8").trimEnd().split("\n");
// One that does not nap would leave nothing of a shared core to the server.
const priority = load.naps ? goFirst() : ownPriority();
const result = await runOpenLoop({ ...load, bodies: texts });
console.log(JSON.stringify({ ...result, priority }));
