import { readFileSync } from "node:fs";
import { getPriority, setPriority } from "node:os";
import { runOpenLoop } from "./open-loop.ts";
import type { OfferedLoad } from "./offer-load.ts";

const { bodies, ...load }: OfferedLoad = JSON.parse(process.argv[2] ?? "");
/** Beside a busy server on the same cores, a clock that has to queue for them is no clock. */
const FIRST_CLAIM = -10;
if (load.naps) {
  try {
    setPriority(FIRST_CLAIM);
  } catch {
    // Only root may; the report says which priority it was.
  }
}
const result = await runOpenLoop({
  ...load,
  bodies: readFileSync(bodies, "utf8").trimEnd().split("\n"),
});
console.log(JSON.stringify({ ...result, priority: getPriority() }));
