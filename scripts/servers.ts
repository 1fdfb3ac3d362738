import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";

/**
 * Runs server processes side by side until one of them ends or this process is told to stop; then
 * stops the others and sets the exit code.
 */
export function runServers(commands: readonly (readonly string[])[]): { readonly ended: boolean } {
  const state = { ended: false };
  // Groups of their own: Ctrl-C reaches this process alone, and the servers once, through `stop`.
  const children = commands.map((args) =>
    spawn(process.execPath, args, { stdio: "inherit", detached: true }),
  );
  const stop = () => {
    // Asked twice, nothing more is waited for.
    for (const child of children) endGroup(child, state.ended ? "SIGKILL" : "SIGTERM");
    state.ended = true;
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
  void stopWithFirst(children, state, stop);
  return state;
}

async function stopWithFirst(
  children: readonly ChildProcess[],
  state: { readonly ended: boolean },
  stop: () => void,
): Promise<void> {
  const code = await Promise.race(children.map(closed));
  if (state.ended) return;
  process.exitCode = code === 0 ? 1 : code;
  stop();
}

function endGroup({ pid, exitCode, signalCode }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  process.kill(signal === "SIGKILL" ? -pid : pid, signal);
}

async function closed(child: ChildProcess): Promise<number> {
  await once(child, "close");
  return child.exitCode ?? 1;
}
