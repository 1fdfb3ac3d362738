import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { start, type RunningServer } from "./servers.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const page = join(root, "examples/react");
const vite = join(page, "node_modules/vite/bin/vite.js");

/** Builds the React example for an API and serves it at `port`, an origin of its own. */
export async function startExamplePage(port: number, apiUrl: string): Promise<RunningServer> {
  const built = await mkdtemp(join(tmpdir(), "sepal-example-"));
  const env = { ...process.env, VITE_SEPAL_URL: apiUrl };
  const args = ["build", page, "--outDir", built, "--logLevel", "error"];
  const build = spawn(process.execPath, [vite, ...args], { env, stdio: "inherit" });
  const [code] = await once(build, "close");
  if (code !== 0) throw new Error(`the example is not built: ${code}`);
  const url = `http://127.0.0.1:${port}`;
  const address = ["--host", "127.0.0.1", "--port", String(port), "--strictPort"];
  const preview = ["preview", page, "--outDir", built, ...address];
  const server = await start([vite, ...preview], {}, { url, probe: "/" });
  const kill = async () => {
    await server.kill();
    await rm(built, { recursive: true, force: true });
  };
  return { url, kill, [Symbol.asyncDispose]: kill };
}
