import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { startApi, type ApiProcess } from "../support/api-process.ts";
import { dataFolder, endedJob, irisCsv, startJob } from "../support/job-helpers.ts";
import { send } from "../support/json-request.ts";
import { startPostgres, WITHOUT_POSTGRES } from "../support/postgres-server.ts";

// What a second process gains: the same job by one and by two, with the CPU time of each. The table at the end is the report
// that docs/scaling.md quotes; on a machine that is busy otherwise the seconds say nothing, the shares of CPU do.

const ROWS = 2_000_000;
const TICKS = 100;

/** CPU seconds that a process has taken. */
function cpuSeconds({ child }: ApiProcess): number {
  const text = readFileSync(`/proc/${child.pid}/stat`, "latin1");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

test.skipIf(WITHOUT_POSTGRES !== undefined)(
  `two processes share the work of a job ${WITHOUT_POSTGRES ?? ""}`,
  async () => {
    const csv = irisCsv(ROWS);
    const report: string[] = [];
    const results = new Set<string>();
    for (const count of [1, 2]) {
      await using postgres = await startPostgres();
      await using data = await dataFolder();
      const variables = { DATA_DIR: data.path, DATABASE_URL: postgres.url };
      const processes = await Promise.all(
        Array.from({ length: count }, () => startApi({ variables })),
      );
      try {
        const [first] = processes;
        const url = first?.url ?? "";
        // Starts the threads and loads the model, in each.
        await Promise.all(
          processes.map(async (each) =>
            endedJob(each.url, await startJob(each.url, irisCsv(300_000))),
          ),
        );
        const id = await startJob(url, csv);
        const before = processes.map(cpuSeconds);
        const { started_at, finished_at, status } = await endedJob(url, id);
        const used = processes.map((each, index) => cpuSeconds(each) - (before[index] ?? 0));
        const seconds = (Date.parse(finished_at ?? "") - Date.parse(started_at ?? "")) / 1000;
        report.push(
          `| ${count} | ${seconds.toFixed(1)} | ${used.map((each) => each.toFixed(1)).join(", ")} |`,
        );
        expect(status).toBe("succeeded");
        results.add((await send(`${url}/jobs/${id}/result`)).text);
        const all = used.reduce((sum, each) => sum + each, 0);
        for (const each of used) expect(each / all).toBeGreaterThan(0.5 / count);
      } finally {
        for (const each of processes) await each[Symbol.asyncDispose]();
      }
    }
    expect(results.size).toBe(1);
    process.stdout.write(
      [
        `| processes | seconds for ${ROWS} rows | CPU seconds of each |`,
        "| --- | --- | --- |",
        ...report,
        "",
      ].join("\n"),
    );
  },
);
