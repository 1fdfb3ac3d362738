import { cp, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { must, runCommand } from "./run-command.ts";
import type { Trial } from "./trial.ts";

const home = fileURLToPath(new URL("../java", import.meta.url));

/** Why no Java SDK can be made on this machine, or `null`. */
export async function javaIsMissing(): Promise<string | null> {
  const { code, output } = await runCommand("mvn", ["--version"], home);
  const [, release = "0"] = /Java version: (\d+)/.exec(output) ?? [];
  if (code === 0 && Number(release) >= 17) return null;
  return "there is no Maven with a JDK of version 17 or later; install maven and a JDK";
}

/** Tries an SDK of openapi-generator's `java` with the library `native`. */
export async function tryJava({ document, folder, url, csv }: Trial): Promise<string> {
  await cp(home, folder, { recursive: true });
  await writeFile(join(folder, "openapi.json"), JSON.stringify(document));
  await must("mvn", ["--batch-mode", "--quiet", "compile"], folder);
  const classes = ["target/classes", "target/dependency/*"].join(delimiter);
  return must("java", ["-classpath", classes, "UseSdk", url, csv], folder);
}
