import { runConformance } from "./conformance.ts";
import { readScenarioOptions } from "../scenarios/scenario-options.ts";

// Runs the stock clients of the Open Inference Protocol, tritonclient and KServe's, against Sepal.

const { port } = readScenarioOptions(process.argv.slice(2), { port: 8400 });
process.exitCode = await runConformance({
  name: "oip-clients",
  port,
  command: (url, folder) => ["python", `${folder}/check.py`, url],
});
