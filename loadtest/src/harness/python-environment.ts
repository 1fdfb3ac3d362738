import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { promisify } from "node:util";
import { ROOT } from "../settings.ts";

const run = promisify(execFile);

/** Folder of a Python peer. */
export function pythonFolder(name: string): string {
  return `${ROOT}loadtest/peers/python/${name}`;
}

/** The text without what belongs to this machine alone: folders and addresses. */
export function withoutPlaces(text: string): string {
  return text
    .replaceAll(ROOT, "")
    .replaceAll(homedir(), "~")
    .replaceAll(/https?:\/\/\S+/g, "<address>");
}

/** The line of a failed command that says why. */
export function reasonOf(error: unknown): string {
  const output = error instanceof Error && "stderr" in error ? String(error.stderr) : "";
  const lines = output.trim().split("\n");
  const line = lines.findLast((text) => /^error\b/i.test(text)) ?? lines.at(-1);
  return withoutPlaces(line || String(error));
}

/**
 * Makes the virtual environment of a folder from its pinned requirements, unless it stands already.
 * Gives the reason when it cannot be made, else null.
 */
export async function ensureEnvironment(folder: string, name: string): Promise<string | null> {
  const requirements = `${folder}/requirements.txt`;
  const environment = `${folder}/.venv`;
  const stamp = `${environment}/requirements.sha256`;
  try {
    const { stdout: version } = await run("python3", ["--version"]);
    const hash = createHash("sha256").update(readFileSync(requirements)).digest("hex");
    const wanted = `${version.trim()} ${hash}`;
    if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return null;
    console.log(`installing ${name} ...`);
    rmSync(environment, { recursive: true, force: true });
    await run("python3", ["-m", "venv", environment]);
    await run(
      `${environment}/bin/python`,
      ["-m", "pip", "--disable-pip-version-check", "install", "--quiet", "-r", requirements],
      { maxBuffer: 2 ** 26 },
    );
    // Written last: an interrupted installation is repeated, not trusted.
    writeFileSync(stamp, wanted);
    return null;
  } catch (error) {
    return `cannot be installed: ${reasonOf(error)}`;
  }
}

/** The same for a peer. */
export function ensurePythonEnvironment(name: string): Promise<string | null> {
  return ensureEnvironment(pythonFolder(name), name);
}

/** Pinned versions of the packages that matter, read from the peers' requirements. */
export function pythonVersions(name: string): Record<string, string> {
  const interesting =
    /^(?:fastapi|uvicorn|uvloop|httptools|pydantic|starlette|numpy|onnxruntime|scikit-learn|bentoml|litserve|mlserver)$/;
  const pins = readFileSync(`${pythonFolder(name)}/requirements.txt`, "utf8")
    .split("\n")
    .map((line) => line.split("=="));
  return Object.fromEntries(
    pins.flatMap(([library = "", version = ""]) =>
      interesting.test(library) ? [[library, version]] : [],
    ),
  );
}
