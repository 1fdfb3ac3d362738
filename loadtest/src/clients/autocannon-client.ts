import { fileURLToPath } from "node:url";
import type { Client } from "./load.ts";

const program = fileURLToPath(new URL("autocannon-process.ts", import.meta.url));

/** autocannon in a process of its own; it saturates its core before a fast server does. */
export const autocannonClient: Client = {
  name: "autocannon",
  command: ({ url, bodies, connections, seconds }) => [
    process.execPath,
    program,
    url,
    bodies,
    String(connections),
    String(seconds),
  ],
  result: (output) => JSON.parse(output.trim().split("\n").at(-1) ?? ""),
};
