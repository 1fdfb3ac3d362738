import { spawn } from "node:child_process";
import { once } from "node:events";
import { addNumbers, newCommand, numbersOf } from "./command-line.ts";
import { endServersOnSignal, startPeer } from "./harness/servers.ts";
import { peerNamed } from "./harness/peers.ts";
import { ensureEnvironment } from "./harness/python-environment.ts";
import { plainEnvironment, ROOT } from "./settings.ts";

/** Runs a Python tool of `loadtest/conformance/` in its own virtual environment against a server of its own; returns its exit code. */
async function runTool(
  name: string,
  port: number,
  commandLine: (url: string, folder: string) => readonly string[],
): Promise<number> {
  const folder = `${ROOT}loadtest/conformance/${name}`;
  const reason = await ensureEnvironment(folder, name);
  if (reason !== null) {
    console.error(`${name} ${reason}`);
    return 1;
  }
  endServersOnSignal();
  await using server = await startPeer(peerNamed("sepal-rest"), port, null);
  const [program = "", ...args] = commandLine(server.url, folder);
  const child = spawn(`${folder}/.venv/bin/${program}`, args, {
    cwd: folder,
    env: plainEnvironment({ PYTHONUNBUFFERED: "1" }),
    stdio: ["ignore", "inherit", "inherit"],
  });
  const [code] = await once(child, "exit");
  return typeof code === "number" ? code : 1;
}

const OIP = { port: [8400, "port of the server"] } as const;
const oip = addNumbers(
  newCommand(
    "oip:clients",
    "Runs the stock clients of the Open Inference Protocol, tritonclient and KServe's, against Sepal. Needs python3 and, the first time, the network.",
  ),
  OIP,
).action(async () => {
  const { port } = numbersOf(oip, OIP);
  process.exitCode = await runTool("oip-clients", port, (url, folder) => [
    "python",
    `${folder}/check.py`,
    url,
  ]);
});

const FUZZ = {
  port: [8401, "port of the server"],
  examples: [40, "examples an operation"],
  seed: ["random", "seed"],
} as const;
const fuzz = addNumbers(
  newCommand(
    "fuzz:schemathesis",
    "Runs schemathesis with all its checks against the OpenAPI document of a Sepal of its own. Needs python3 and, the first time, the network.",
  ),
  FUZZ,
).action(async () => {
  const { port, examples, seed } = numbersOf(fuzz, FUZZ);
  console.log(`schemathesis with --seed ${seed}`);
  process.exitCode = await runTool("schemathesis", port, (url) => [
    ...`st run ${url}/openapi.json --max-examples ${examples} --seed ${seed}`.split(" "),
    ..."--phases examples,coverage,fuzzing --request-timeout 30 --continue-on-failure".split(" "),
  ]);
});

await newCommand("pnpm", "Tools of others against Sepal.")
  .addCommand(oip)
  .addCommand(fuzz)
  .parseAsync();
