import { execFile, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startApi, type ApiProcess } from "../../apps/api/test/support/api-process.ts";
import { refuseFirst } from "./refuse-first.ts";

const run = promisify(execFile);
const KEY = "0123456789abcdef0123";

let api: ApiProcess;
beforeAll(async () => {
  api = await startApi({ variables: { API_KEYS: KEY } });
});
afterAll(() => api[Symbol.asyncDispose]());

function file(name: string): string {
  return fileURLToPath(new URL(`../${name}`, import.meta.url));
}

function isThere(command: string, ...args: string[]): boolean {
  return spawnSync(command, args).status === 0;
}

const SCRIPTS = [
  { name: "Node", paths: 2, command: [process.execPath, file("node/predict.ts")], there: true },
  {
    name: "Python",
    paths: 2,
    command: ["python3", file("python/predict.py")],
    there: isThere("python3", "-c", "import sys; sys.exit(sys.version_info < (3, 10))"),
  },
  {
    name: "shell",
    paths: 2,
    command: [file("shell/predict.sh")],
    there: isThere("curl", "--version") && isThere("jq", "--version"),
  },
];

const PRINTED = [
  "one: versicolor 0.66",
  "batch: setosa 1",
  "batch: virginica 1",
  "refused: body.features.0: Input should be greater than 0",
  "",
];

describe.each(SCRIPTS)("the $name example", ({ command, paths, there }) => {
  const [program = "", ...args] = command;

  // Skipped where the machine has not what the example is written for: Python 3.10, or curl and jq.
  test.skipIf(!there)(
    "predicts, scores a batch, reads a 422 and retries an overloaded server",
    async () => {
      await using gateway = await refuseFirst(api.url);
      const env = { PATH: process.env["PATH"], SEPAL_API_KEY: KEY };
      const { stdout } = await run(program, [...args, gateway.url], { env, timeout: 150_000 });
      expect(stdout.split("\n")).toEqual(PRINTED);
      expect(gateway.refused.size).toBe(paths);
    },
  );

  test.skipIf(!there)("ends with an error where it is not let in", async () => {
    const env = { PATH: process.env["PATH"], SEPAL_API_KEY: "wrong" };
    const outcome = run(program, [...args, api.url], { env, timeout: 150_000 });
    await expect(outcome).rejects.toThrow("Command failed");
  });
});
