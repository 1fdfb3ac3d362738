import { spawn } from "node:child_process";
import { pinned, type Cores } from "./pinning.ts";

/** Starts a program that never waits, at an ordinary priority; it ends with this process at the latest. */
export function spin(cores: Cores): Disposable {
  const source =
    "const parent = process.ppid;" +
    "for (let turn = 0; ; turn += 1) if (turn % 1e7 === 0 && process.ppid !== parent) process.exit()";
  const [program = "", ...args] = pinned(cores, [process.execPath, "--eval", source]);
  const child = spawn(program, args, { stdio: "ignore" });
  return {
    [Symbol.dispose]: () => {
      child.kill("SIGKILL");
    },
  };
}
