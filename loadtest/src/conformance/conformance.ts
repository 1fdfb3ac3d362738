import { spawn } from "node:child_process";
import { once } from "node:events";
import { endServersOnSignal, startPeer } from "../servers/peer-server.ts";
import { PEERS } from "../servers/peers.ts";
import { ROOT } from "../root.ts";
import { ensureEnvironment } from "../servers/python-environment.ts";
import { plainEnvironment } from "../settings.ts";

interface Conformance {
  /** Folder below `loadtest/conformance`, with pinned requirements. */
  readonly name: string;
  readonly port: number;
  /** Program of the virtual environment and its arguments. */
  readonly command: (url: string, folder: string) => readonly string[];
}

/** Runs a Python tool in a virtual environment of its own against a server of its own; gives its exit code. */
export async function runConformance({ name, port, command }: Conformance): Promise<number> {
  const folder = `${ROOT}loadtest/conformance/${name}`;
  const reason = await ensureEnvironment(folder, name);
  if (reason !== null) {
    console.error(`${name} ${reason}`);
    return 1;
  }
  const sepal = PEERS.find((peer) => peer.name === "sepal-rest");
  if (sepal === undefined) throw new Error("there is no sepal-rest");
  endServersOnSignal();
  await using server = await startPeer(sepal, port, null);
  const [program = "", ...args] = command(server.url, folder);
  const child = spawn(`${folder}/.venv/bin/${program}`, args, {
    cwd: folder,
    env: plainEnvironment({ PYTHONUNBUFFERED: "1" }),
    stdio: ["ignore", "inherit", "inherit"],
  });
  const [code] = await once(child, "exit");
  return typeof code === "number" ? code : 1;
}
