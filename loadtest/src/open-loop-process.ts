import { readFileSync } from "node:fs";
import { runOpenLoop } from "./open-loop.ts";
import type { OfferedLoad } from "./offer-load.ts";

const { bodies, ...load }: OfferedLoad = JSON.parse(process.argv[2] ?? "");
const result = await runOpenLoop({
  ...load,
  bodies: readFileSync(bodies, "utf8").trimEnd().split("\n"),
});
console.log(JSON.stringify(result));
