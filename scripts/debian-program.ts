import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { run } from "./run.ts";

/** Where a program lies on the path; `undefined` when it is on none. */
export function onPath(name: string): string | undefined {
  return (process.env["PATH"] ?? "")
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** Installs one of Debian's packages where this may; what comes of it is seen on the path. */
export async function installFromDebian(name: string): Promise<void> {
  if (process.getuid?.() !== 0 || onPath("apt-get") === undefined) return;
  await run(["apt-get", "update", "-q"]);
  const variables = { DEBIAN_FRONTEND: "noninteractive" };
  await run(["apt-get", "install", "-y", "-q", "--no-install-recommends", name], variables);
}
