import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../..", import.meta.url));

/** Runs one of the commands on keys and users as its script does; gives what it printed. */
export async function identityCommand(
  args: readonly [script: "keys" | "users", action: string, name: string],
  variables: Readonly<Record<string, string>>,
  input = "",
  user?: { readonly uid: number; readonly gid: number },
): Promise<{ readonly code: number | null; readonly output: string; readonly errors: string }> {
  const [script, ...rest] = args;
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const env = { PATH, NODE_COMPILE_CACHE, ...variables };
  const child = spawn(process.execPath, [`apps/api/src/auth/commands/${script}.ts`, ...rest], {
    cwd: root,
    env,
    ...user,
  });
  const closed = once(child, "close");
  child.stdin.end(input);
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  await closed;
  return { code: child.exitCode, output: output.trim(), errors };
}
