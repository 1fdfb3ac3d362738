import { spawn } from "node:child_process";

const api = spawn(process.execPath, ["apps/api/src/main.ts"], { stdio: "inherit" });
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => api.kill("SIGTERM"));
}
api.once("close", (code) => {
  process.exitCode = code ?? 1;
});

const host = process.env["HOST"] ?? "127.0.0.1";
const port = process.env["PORT"] ?? "8000";
const origin = `http://${host}:${port}`;

/** Waits until the API answers its readiness check, at most ten seconds. */
async function ready(): Promise<boolean> {
  for (let attempt = 0; attempt < 100 && api.exitCode === null; attempt += 1) {
    try {
      const response = await fetch(`${origin}/health/ready`);
      if (response.ok) return true;
    } catch {
      // Not listening yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}

if (await ready()) {
  console.log(`
  API   ${origin}
  Docs  ${origin}/docs

  curl -X POST ${origin}/predict -H 'content-type: application/json' -d '{"features":[5.1,3.5,1.4,0.2]}'
`);
}
