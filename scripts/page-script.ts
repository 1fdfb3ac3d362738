import { findChromium } from "./installed-programs.ts";
import { run } from "./run.ts";
import { buildWebIfStale } from "./web-build.ts";

/** Runs a program that drives the playground, built where needed, in a Chromium; returns its exit code. */
export async function runPageScript(program: string): Promise<number> {
  if ((await buildWebIfStale()) !== 0) throw new Error("the playground cannot be built");
  const chromium = await findChromium();
  return run([process.execPath, program], chromium === null ? {} : { CHROMIUM: chromium });
}
