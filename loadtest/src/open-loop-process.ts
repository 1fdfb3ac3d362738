import { readFileSync } from "node:fs";
import { runOpenLoop, type OpenLoad } from "./open-loop.ts";

// The load as JSON, its bodies as the name of a file with one a line.
const { bodies, ...load }: Omit<OpenLoad, "bodies"> & { bodies: string } = JSON.parse(
  process.argv[2] ?? "",
);
const result = await runOpenLoop({
  ...load,
  bodies: readFileSync(bodies, "utf8").trimEnd().split("\n"),
});
console.log(JSON.stringify(result));
