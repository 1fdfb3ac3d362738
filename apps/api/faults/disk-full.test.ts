import { spawnSync } from "node:child_process";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import type { ApiProcess } from "../test/api-process.ts";
import { dataFolder, endedJob, irisCsv, jobWhen, startJob } from "../test/job-helpers.ts";
import { send } from "../test/json-request.ts";
import { fault } from "./frame/fault.ts";
import { sized } from "./frame/sized.ts";
import { startChanged, type SourceChange } from "./frame/start-changed.ts";
import { underLoad } from "./frame/under-load.ts";

const MIB = 2 ** 20;
const ROWS = sized(400_000, 40_000);
/** Longest wait for the end of a job of that many rows, in milliseconds. */
const LONG_MS = sized(300_000, 40_000);
const DISK_BYTES = sized(80, 8) * MIB;
const CSV = irisCsv(ROWS);
const headers = { "content-type": "text/csv" };

interface SmallDisk extends AsyncDisposable {
  readonly api: ApiProcess;
  readonly path: string;
}

const mount = (path: string) =>
  spawnSync("mount", ["-t", "tmpfs", "-o", `size=${DISK_BYTES}`, "tmpfs", path]);

async function smallDisk(changes: readonly SourceChange[] = []): Promise<SmallDisk> {
  const data = await dataFolder();
  expect(mount(data.path).status, "a small disk is mounted").toBe(0);
  const api = await startChanged({ changes, variables: { DATA_DIR: data.path } });
  return {
    api,
    path: data.path,
    async [Symbol.asyncDispose]() {
      await api[Symbol.asyncDispose]();
      spawnSync("umount", [data.path]);
      await data[Symbol.asyncDispose]();
    },
  };
}

async function withoutMount(): Promise<string | undefined> {
  await using data = await dataFolder();
  if (mount(data.path).status !== 0) return "mounting a small disk needs root";
  spawnSync("umount", [data.path]);
  return undefined;
}

fault("The disk is full", {
  cannot: await withoutMount(),
  promise:
    "A job stops at its checkpoint and goes on when there is room, with every row once; new files are 503; predictions go on.",
  arrange: () => smallDisk(),
  async check({ api, path }) {
    using load = underLoad(api.url, 2);
    // Room for the input and half of the result, which is longer.
    const ballast = DISK_BYTES - CSV.length * 2 - MIB / 2;
    await writeFile(join(path, "ballast"), Buffer.alloc(ballast));
    const id = await startJob(api.url, CSV);
    const stopped = await jobWhen(api.url, id, ({ error }) => error !== null, "it stops");
    expect([stopped.status, stopped.error], "how it stops").toEqual(["queued", "the disk is full"]);
    const init = { method: "POST", headers, body: CSV };
    const refused = await send(`${api.url}/jobs`, init);
    expect([refused.status, refused.headers.get("retry-after")], "a new file").toEqual([503, "30"]);
    await rm(join(path, "ballast"));
    const ended = await endedJob(api.url, id, LONG_MS);
    expect([ended.status, ended.rows_done], "how it ends").toEqual(["succeeded", ROWS]);
    const { text } = await send(`${api.url}/jobs/${id}/result`);
    const ids = text.split("\n").slice(1, -1).map(Number.parseFloat);
    expect(ids.length, "rows of the result").toBe(ROWS);
    expect(ids.every((value, index) => value === index + 1)).toBe(true);
    const report = await load.stop();
    expect([report.refused, report.lost], "predictions beside it").toEqual([[], 0]);
  },
  twin: {
    lacks: "a runner that takes a full disk for a broken job",
    arrange: () =>
      smallDisk([
        {
          file: "jobs/disk-fault.ts",
          text: "export function diskFault(error: unknown): string | undefined {",
          by: "export function diskFault(error) { return undefined;",
        },
      ]),
    fails: /how it stops/,
  },
});
