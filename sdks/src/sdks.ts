import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { newCommand, runCommand, type Command } from "@sepal/command-line";
import type { TrySdk } from "./trial.ts";

/** A generator, and why it cannot be tried on this machine. */
interface Generator {
  readonly attempt: TrySdk;
  readonly missing?: string | null;
}

/** Generates and tries an SDK with each generator, below a folder; returns whether all went well. */
async function trySdks(parent: string): Promise<boolean> {
  // The generators are large.
  const { startApi } = await import("../../apps/api/test/support/api-process.ts");
  const { verifySdk } = await import("./trial.ts");
  const { tryHeyApi } = await import("./hey-api-sdk.ts");
  const { tryOpenapiFetch } = await import("./openapi-fetch-sdk.ts");
  const { tryOrval } = await import("./orval-sdk.ts");
  const { pythonIsMissing, tryPython } = await import("./python-sdk.ts");
  const { javaIsMissing, tryJava } = await import("./java-sdk.ts");
  const generators: Readonly<Record<string, Generator>> = {
    "hey-api": { attempt: tryHeyApi },
    "openapi-fetch": { attempt: tryOpenapiFetch },
    orval: { attempt: tryOrval },
    "openapi-python-client": { attempt: tryPython, missing: await pythonIsMissing() },
    "openapi-generator-java": { attempt: tryJava, missing: await javaIsMissing() },
  };
  await using api = await startApi();
  const document: object = Object(await (await fetch(`${api.url}/openapi.json`)).json());
  let good = true;
  for (const [name, { attempt, missing }] of Object.entries(generators)) {
    if (typeof missing === "string") {
      console.log(`missing ${name}: ${missing}`);
      continue;
    }
    const folder = join(parent, name);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const started = performance.now();
    try {
      await verifySdk(attempt, { document, folder, url: api.url });
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      console.log(
        `ok      ${name}: generated, compiled, predicts, gives a typed 422, uploads a file (${seconds} s)`,
      );
    } catch (error) {
      console.log(`FAILED  ${name}: ${error instanceof Error ? error.message : String(error)}`);
      good = false;
    }
  }
  return good;
}

/** The command `sdks`. */
export function sdksCommand(): Command {
  return newCommand(
    "sdks",
    "Generates SDKs from the OpenAPI document of a server of its own and tries each. Needs the network; the Python one needs python3 3.10 or later with venv, the Java one Maven and a JDK 17 or later.",
  )
    .argument("[folder]", "where the SDKs are kept (default: nowhere)")
    .action(async (kept?: string) => {
      const folder =
        kept === undefined ? await mkdtemp(join(tmpdir(), "sepal-sdks-")) : resolve(kept);
      process.exitCode = (await trySdks(folder)) ? 0 : 1;
      if (kept === undefined) await rm(folder, { recursive: true, force: true });
      else console.log(`kept in ${folder}`);
    });
}

if (import.meta.main) await runCommand(sdksCommand());
