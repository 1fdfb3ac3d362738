import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";

/**
 * Runs server processes side by side until one of them ends or this process is told to stop; then
 * stops the others and sets the exit code.
 */
export function runServers(commands: readonly (readonly string[])[]): { readonly ended: boolean } {
  const state = { ended: false };
  const children = commands.map((args) => spawn(process.execPath, args, { stdio: "inherit" }));
  const stop = () => {
    state.ended = true;
    for (const child of children) child.kill("SIGTERM");
  };
  process.on("SIGINT", () => {
    state.ended = true;
    // A terminal's Ctrl-C reaches the servers as well, and a second signal would cut their work off.
    if (!process.stdin.isTTY) stop();
  });
  process.on("SIGTERM", stop);
  process.on("SIGHUP", stop);
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

async function closed(child: ChildProcess): Promise<number> {
  await once(child, "close");
  return child.exitCode ?? 1;
}
