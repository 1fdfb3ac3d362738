import { execFile } from "node:child_process";
import { delimiter, dirname, isAbsolute } from "node:path";

/** How a command ended. */
export interface Outcome {
  readonly code: number;
  /** What it wrote, errors after the rest. */
  readonly output: string;
}

/** Runs a command to its end, its own folder first in the path; one that is not there ends with 127. */
export function runCommand(file: string, args: readonly string[], cwd: string): Promise<Outcome> {
  const own = isAbsolute(file) ? [dirname(file)] : [];
  const PATH = [...own, process.env["PATH"]].join(delimiter);
  const env = { ...process.env, PATH };
  return new Promise((resolve) => {
    execFile(file, args, { cwd, env, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      const missing = error?.code === "ENOENT";
      const code = error === null ? 0 : missing ? 127 : Number(error.code ?? 1);
      resolve({ code, output: `${stdout}${stderr}`.trim() });
    });
  });
}

/** The same for a command that must succeed. */
export async function must(file: string, args: readonly string[], cwd: string): Promise<string> {
  const { code, output } = await runCommand(file, args, cwd);
  if (code !== 0) throw new Error(`${[file, ...args].join(" ")} ended with ${code}:\n${output}`);
  return output;
}
