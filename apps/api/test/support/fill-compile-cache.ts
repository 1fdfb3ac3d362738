import { existsSync } from "node:fs";
import { COMPILE_CACHE, startApi } from "./api-process.ts";

/** Fills the compile cache by one start that ends by itself: most tests kill their server, which writes nothing. */
export async function setup(): Promise<void> {
  if (existsSync(COMPILE_CACHE)) return;
  await using api = await startApi();
  api.child.kill("SIGTERM");
  await api.ended();
}
