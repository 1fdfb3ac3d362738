import { readdirSync, readFileSync } from "node:fs";
import { getPriority } from "node:os";
import { describe, expect, it } from "vitest";
import { startApi } from "../support/api-process.ts";

describe.runIf(process.platform === "linux")("V8's own threads", () => {
  it("give way to the main thread, which keeps its priority", async () => {
    await using api = await startApi();
    const { pid = 0 } = api.child;
    const threads = readdirSync(`/proc/${pid}/task`).map(Number);
    const compilers = threads.filter((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/comm`, "utf8").includes("V8Worker"),
    );
    expect(compilers.length).toBeGreaterThan(0);
    const main = getPriority(pid);
    for (const thread of compilers) expect(getPriority(thread)).toBeGreaterThan(main);
    expect(main).toBe(getPriority());
  });
});
