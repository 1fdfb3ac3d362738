import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ownEnvironment, ROOT } from "../settings.ts";

/** A test as the JSON reporter of Vitest has it; `meta` is what the test itself set. */
export interface TestReport<Meta> {
  readonly status: string;
  readonly meta: Meta;
}

interface Written<Meta> {
  readonly testResults: readonly { readonly assertionResults: readonly TestReport<Meta>[] }[];
}

/** Runs Vitest in this terminal; returns its exit code and each test. */
export async function runTests<Meta>(
  args: readonly string[],
  variables: Readonly<Record<string, string>>,
): Promise<{ readonly code: number; readonly tests: readonly TestReport<Meta>[] }> {
  const folder = mkdtempSync(join(tmpdir(), "sepal-vitest-"));
  const file = join(folder, "vitest.json");
  try {
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
    const child = spawn("vitest", ["run", ...args, ...reporters], {
      cwd: ROOT,
      stdio: "inherit",
      env: ownEnvironment(variables),
    });
    const [code] = await once(child, "close");
    const { testResults }: Written<Meta> = JSON.parse(readFileSync(file, "utf8"));
    const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
    return { code: Number(code ?? 1), tests };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
