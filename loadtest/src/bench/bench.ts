import { COMPARE_USAGE, wantsComparison } from "../compare/compare-options.ts";
import { runComparison } from "../compare/run-comparison.ts";
import { endServersOnSignal } from "../harness/servers.ts";
import { USAGE } from "./bench-options.ts";
import { runPeerBench } from "./bench-peers.ts";

const args = process.argv.slice(2);
if (args.includes("--help") || args.includes("-h")) {
  console.log(`${USAGE}\n\n${COMPARE_USAGE}`);
} else {
  endServersOnSignal();
  await (wantsComparison(args) ? runComparison(args) : runPeerBench(args));
}
