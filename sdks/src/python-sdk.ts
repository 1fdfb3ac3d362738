import { copyFile, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { must, runCommand } from "./run-command.ts";
import type { Trial } from "./trial.ts";

const home = fileURLToPath(new URL("../python", import.meta.url));
const environment = join(home, ".venv");
const python = join(environment, "bin/python");

/** Why no Python SDK can be made on this machine, or `null`. */
export async function pythonIsMissing(): Promise<string | null> {
  const probe = ["-c", "import sys, venv; sys.exit(sys.version_info < (3, 10))"];
  const { code } = await runCommand("python3", probe, home);
  if (code === 0) return null;
  return "there is no python3 of version 3.10 or later with venv; install python3 and python3-venv";
}

async function ensureEnvironment(): Promise<void> {
  if (!existsSync(python)) await must("python3", ["-m", "venv", environment], home);
  const pip = ["-m", "pip", "--disable-pip-version-check", "install", "--quiet"];
  await must(python, [...pip, "-r", "requirements.txt"], home);
}

/** Tries an SDK of openapi-python-client, which mypy checks with the program that uses it. */
export async function tryPython({ document, folder, url, csv }: Trial): Promise<string> {
  await ensureEnvironment();
  await writeFile(join(folder, "openapi.json"), JSON.stringify(document));
  const config = ["--config", join(home, "generator.yml")];
  const sdk = ["generate", "--path", "openapi.json", ...config, "--meta", "none", "--output-path"];
  const generator = join(environment, "bin/openapi-python-client");
  const warnings = await must(generator, [...sdk, "sepal_sdk", "--fail-on-warning"], folder);
  if (/unable to|skipping/i.test(warnings)) throw new Error(warnings);
  await copyFile(join(home, "use_sdk.py"), join(folder, "use_sdk.py"));
  await must(python, ["-m", "mypy", "--strict", "use_sdk.py"], folder);
  return must(python, ["use_sdk.py", url, csv], folder);
}
