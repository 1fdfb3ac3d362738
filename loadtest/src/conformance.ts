import { spawn } from "node:child_process";
import { once } from "node:events";
import { newCommand, runCommand, type Command } from "@sepal/command-line";
import { endServersOnSignal, startPeer } from "./harness/servers.ts";
import { peerNamed } from "./harness/peers.ts";
import { ensureEnvironment } from "./harness/python-environment.ts";
import { addNumbers, numbersOf } from "./options.ts";
import { plainEnvironment, ROOT } from "./settings.ts";

/** Runs a Python tool of `loadtest/conformance/` in its own virtual environment against a server; returns its exit code. */
async function runTool(
  name: string,
  /** Where a server runs, or the port of one of its own. */
  target: string | number,
  commandLine: (url: string, folder: string) => readonly string[],
): Promise<number> {
  const folder = `${ROOT}loadtest/conformance/${name}`;
  const reason = await ensureEnvironment(folder, name);
  if (reason !== null) {
    console.error(`${name} ${reason}`);
    return 1;
  }
  endServersOnSignal();
  await using server =
    typeof target === "number" ? await startPeer(peerNamed("sepal-rest"), target, null) : undefined;
  const [program = "", ...args] = commandLine(server?.url ?? String(target), folder);
  const child = spawn(`${folder}/.venv/bin/${program}`, args, {
    cwd: folder,
    env: plainEnvironment({ PYTHONUNBUFFERED: "1" }),
    stdio: ["ignore", "inherit", "inherit"],
  });
  const [code] = await once(child, "exit");
  return typeof code === "number" ? code : 1;
}

const OIP = { port: [8400, "port of the server"] } as const;

/** The command `oip:clients`. */
function oipClientsCommand(): Command {
  const command = newCommand(
    "oip:clients",
    "Runs the stock clients of the Open Inference Protocol, tritonclient and KServe's, against Sepal. Needs python3 and, the first time, the network.",
  );
  return addNumbers(command, OIP).action(async () => {
    const { port } = numbersOf(command, OIP);
    process.exitCode = await runTool("oip-clients", port, (url, folder) => [
      "python",
      `${folder}/check.py`,
      url,
    ]);
  });
}

const FUZZ = {
  port: [8401, "port of the server"],
  examples: [40, "examples an operation"],
  seed: ["random", "seed"],
} as const;

/** The command `fuzz:schemathesis`. */
function schemathesisCommand(): Command {
  const command = newCommand(
    "fuzz:schemathesis",
    "Runs schemathesis with all its checks against the OpenAPI document of a Sepal of its own. Needs python3 and, the first time, the network.",
  ).option("--url <url>", "a Sepal that runs, as with contracts of its own, instead");
  return addNumbers(command, FUZZ).action(async ({ url: running }: { readonly url?: string }) => {
    const { port, examples, seed } = numbersOf(command, FUZZ);
    console.log(`schemathesis with --seed ${seed}`);
    process.exitCode = await runTool("schemathesis", running ?? port, (url) => [
      ...`st run ${url}/openapi.json --max-examples ${examples} --seed ${seed}`.split(" "),
      ..."--phases examples,coverage,fuzzing --request-timeout 30 --continue-on-failure".split(" "),
    ]);
  });
}

await runCommand(
  newCommand("pnpm", "Tools of others against Sepal.")
    .addCommand(oipClientsCommand())
    .addCommand(schemathesisCommand()),
);
