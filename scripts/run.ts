import { spawn } from "node:child_process";

/** Runs a command with this terminal's output and gives its exit code. */
export function run(
  command: readonly string[],
  variables: NodeJS.ProcessEnv = {},
): Promise<number> {
  const [file = "", ...args] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: "inherit", env: { ...process.env, ...variables } });
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
}
