import { runConformance } from "./conformance.ts";
import { readScenarioOptions } from "../scenarios/scenario-options.ts";

// Runs schemathesis with all its checks against the OpenAPI document of a Sepal of its own.

const defaults = { port: 8401, examples: 40, seed: 1 + Math.floor(Math.random() * 2 ** 31) };
const { port, examples, seed } = readScenarioOptions(process.argv.slice(2), defaults);
console.log(`schemathesis with --seed ${seed}`);
process.exitCode = await runConformance({
  name: "schemathesis",
  port,
  command: (url) =>
    `st run ${url}/openapi.json --max-examples ${examples} --seed ${seed} --phases examples,coverage,fuzzing --request-timeout 30 --continue-on-failure`.split(
      " ",
    ),
});
