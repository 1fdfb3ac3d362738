import { spawnSync } from "node:child_process";
import { rm, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import type { ApiProcess } from "../test/support/api-process.ts";
import {
  dataFolder,
  endedJob,
  irisCsv,
  jobWhen,
  readJob,
  startJob,
} from "../test/support/job-helpers.ts";
import { send } from "../test/support/json-request.ts";
import { fault, type Within } from "./frame/fault.ts";
import { sized } from "../test/support/sized.ts";
import { startChanged, type SourceChange } from "./frame/start-changed.ts";
import { underLoad } from "./frame/under-load.ts";

const MIB = 2 ** 20;
const ROWS = sized(400_000, 40_000);
/** Longest wait for the end of a job of that many rows, in milliseconds. */
const LONG_MS = 300_000;
/** Longest wait until a job of that many rows meets the full disk, in milliseconds. */
const STOP_MS = 60_000;
const DISK_BYTES = sized(80, 8) * MIB;
const CSV = irisCsv(ROWS);
/** How long the disk stays full, in milliseconds: a job that stopped may be tried again every 2 s. */
const FULL_MS = sized(60_000, 5000);
/** Room for what the database says meanwhile, and far too little for another file. */
const SPARE_BYTES = 64 * 1024;
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

async function check({ api, path }: SmallDisk, within: Within): Promise<void> {
  using load = underLoad(api.url, 2);
  // Room for the input and half of the result, which is longer.
  const ballast = DISK_BYTES - CSV.length * 2 - MIB / 2;
  await writeFile(join(path, "ballast"), Buffer.alloc(ballast));
  const id = await startJob(api.url, CSV);
  const stopped = await jobWhen(
    api.url,
    id,
    ({ error }) => error !== null,
    "it stops",
    within(STOP_MS),
  );
  expect([stopped.status, stopped.error], "how it stops").toEqual(["queued", "the disk is full"]);
  // How much the job gave back depends on how much it did at once.
  const { bavail, bsize } = await statfs(path);
  await writeFile(join(path, "more"), Buffer.alloc(Math.max(0, bavail * bsize - SPARE_BYTES)));
  const init = { method: "POST", headers, body: CSV };
  const refused = await send(`${api.url}/jobs`, init);
  expect([refused.status, refused.headers.get("retry-after")], "a new file").toEqual([503, "30"]);
  await sleep(FULL_MS);
  const { error } = await readJob(api.url, id);
  expect(error, "while it stays full").toBe("the disk is full");
  await rm(join(path, "ballast"));
  await rm(join(path, "more"));
  const ended = await endedJob(api.url, id, within(LONG_MS));
  expect([ended.status, ended.rows_done], "how it ends").toEqual(["succeeded", ROWS]);
  using database = new DatabaseSync(join(path, "jobs.db"), { readOnly: true });
  const row = database.prepare("SELECT attempt FROM jobs WHERE id = ?").get(id);
  expect(row?.["attempt"], "times that it was tried").toBe(2);
  const { text } = await send(`${api.url}/jobs/${id}/result`);
  const ids = text.split("\n").slice(1, -1).map(Number.parseFloat);
  expect(ids.length, "rows of the result").toBe(ROWS);
  expect(ids.every((value, index) => value === index + 1)).toBe(true);
  const report = await load.stop();
  expect([report.refused, report.lost], "predictions beside it").toEqual([[], 0]);
}

const cannot = await withoutMount();

fault("The disk is full", {
  cannot,
  waits: true,
  promise:
    "A job stops at its checkpoint and goes on when there is room, with every row once; new files are 503; predictions go on.",
  arrange: () => smallDisk(),
  check,
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

/** Once, others take the last of the disk when rows are written and not yet committed. */
const takenMeanwhile: SourceChange = {
  file: "sqlite/segment-writer.ts",
  text: "await file.datasync();",
  by: `await file.datasync();
    if (globalThis.taken === undefined) {
      globalThis.taken = true;
      const { appendFileSync } = process.getBuiltinModule("node:fs");
      try {
        for (;;) appendFileSync(process.env.DATA_DIR + "/ballast", Buffer.alloc(4096));
      } catch {}
    }`,
};

fault("The disk is full once the rows of a checkpoint are written", {
  cannot,
  waits: true,
  promise:
    "The job gives back what it wrote, so that there is room to say why it stops, and goes on as after any full disk.",
  arrange: () => smallDisk([takenMeanwhile]),
  check,
  twin: {
    lacks: "room for the database",
    arrange: () =>
      smallDisk([
        takenMeanwhile,
        {
          file: "sqlite/segment-writer.ts",
          text: "await file.truncate(length)",
          by: "await file.truncate(length + bytes)",
        },
      ]),
    fails: /never: it stops/,
  },
});
