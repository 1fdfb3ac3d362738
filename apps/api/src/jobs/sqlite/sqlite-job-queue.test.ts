import { mkdtemp, rm, stat } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ClaimLostError, type JobOrder, type Progress } from "../job-store.ts";
import { hasEnded, OWNER } from "./owner.ts";
import { SqliteJobQueue } from "./sqlite-job-queue.ts";
import { SqliteJobStore } from "./sqlite-job-store.ts";

const HOUR_MS = 3_600_000;
const LIMITS = { maxInputBytes: 1000, maxQueued: 10, maxBytes: 10_000, keepMs: HOUR_MS };
const ORDER: JobOrder = {
  client: "",
  format: "csv",
  charset: "utf-8",
  spreadsheet: false,
  contract: "iris",
  model: "iris-forest",
  version: "1",
  strict: false,
  idempotency: undefined,
};

let dataDir: string;
let store: SqliteJobStore;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "sepal-queue-"));
  store = await SqliteJobStore.open(dataDir, LIMITS);
});
afterEach(async () => {
  store.close();
  await rm(dataDir, { recursive: true, force: true });
});

async function newJob(): Promise<string> {
  const source = async function* () {
    yield Buffer.from("some rows");
  };
  return (await store.create(await store.receive(source(), undefined), ORDER)).id;
}

async function* bytesOf(count: number) {
  yield Buffer.alloc(count, "x");
}

const openQueue = (owner: string) =>
  SqliteJobQueue.open({ dataDir, owner, keepMs: HOUR_MS, maxBytes: LIMITS.maxBytes });

function step(output: string, rows: number): Progress {
  const state = { format: "csv", layout: null, lines: rows, rows, inputBytes: 10 * rows } as const;
  return { output: [Buffer.from(output)], rows: 1, badRows: 0, state, checksum: "abc" };
}

test("two runners never hold one job, and jobs come in the order they were made", async () => {
  const ids = [await newJob(), await newJob()];
  const queues = [await openQueue(OWNER), await openQueue(`${OWNER} other`)];
  const claims = await Promise.all(queues.map((queue) => queue.claim()));
  expect(new Set(claims.map((claim) => claim?.id))).toEqual(new Set(ids));
  expect(await queues[0]?.claim()).toMatchObject({ id: claims[0]?.id, attempt: 2 });
  for (const queue of queues) queue.close();
});

test("a job goes on at its checkpoint, and what a lost claim still does is void", async () => {
  const id = await newJob();
  const first = await openQueue(`elsewhere 1 a`);
  const claim = await first.claim();
  if (claim === undefined) throw new Error("nothing to claim");
  await first.checkpoint(claim, step("one\n", 1));
  const second = await openQueue(OWNER);
  expect(await second.claim()).toBe(undefined);
  // The other machine is silent for longer than its lease.
  const clock = Date.now;
  Date.now = () => clock() + 11_000;
  const taken = await second.claim().finally(() => {
    Date.now = clock;
  });
  expect(taken).toMatchObject({
    id,
    attempt: 2,
    state: { rows: 1, inputBytes: 10 },
    checksum: "abc",
  });
  if (taken === undefined) throw new Error("nothing to claim");
  await expect(first.checkpoint(claim, step("void\n", 2))).rejects.toThrow(ClaimLostError);
  await expect(first.end(claim, { status: "succeeded" })).rejects.toThrow(ClaimLostError);
  await second.checkpoint(taken, step("two\n", 2));
  await second.end(taken, { status: "succeeded" });
  const { bytes, stream } = await store.result(id);
  expect(await text(stream)).toBe("one\ntwo\n");
  expect(bytes).toBe(8);
  expect(await store.get(id, "")).toMatchObject({ status: "succeeded", rowsDone: 2 });
  first.close();
  second.close();
});

test("a job that never gets on is given up, and one that gets on or is handed back is not", async () => {
  const id = await newJob();
  const queue = await openQueue(OWNER);
  for (let attempt = 1; attempt <= 3; attempt += 1) await queue.claim();
  const claim = await queue.claim();
  if (claim === undefined) throw new Error("nothing to claim");
  await queue.checkpoint(claim, step("one\n", 1));
  for (let attempt = 1; attempt <= 5; attempt += 1) expect(await queue.claim()).toBeDefined();
  expect(await queue.claim()).toBe(undefined);
  expect(await store.get(id, "")).toMatchObject({
    status: "failed",
    error: "it was begun 5 times and never got on",
  });
  const other = await newJob();
  for (let attempt = 1; attempt <= 8; attempt += 1) {
    const again = await queue.claim();
    expect(again).toMatchObject({ id: other, attempt });
    if (again !== undefined) await queue.end(again, { status: "queued", error: null, delayMs: 0 });
  }
  queue.close();
});

test("a job is seen by the caller who made it alone", async () => {
  const id = await newJob();
  expect(await store.get(id, "key:nightly")).toBe(undefined);
  expect(await store.cancel(id, "key:nightly")).toBe(undefined);
  expect(await store.get(id, "")).toMatchObject({ status: "queued" });
});

test("a process that is gone is known by its id on this machine alone", () => {
  expect(hasEnded(OWNER)).toBe(false);
  expect(hasEnded(`${hostname()} ${process.pid} earlier`)).toBe(true);
  expect(hasEnded(`${hostname()} 1 init`)).toBe(false);
  // More than a process id can be.
  expect(hasEnded(`${hostname()} 99999999 gone`)).toBe(true);
  expect(hasEnded("elsewhere 99999999 unknown")).toBe(false);
});

test("processes share one count of what is reserved, and what a killed one had reserved is free", async () => {
  const other = await SqliteJobStore.open(dataDir, LIMITS);
  const room = { ...LIMITS, maxInputBytes: 10_000 };
  const gate = Promise.withResolvers<void>();
  async function* held() {
    yield Buffer.alloc(500, "x");
    await gate.promise;
  }
  const first = store.receive(held(), 6000);
  await expect(other.receive(bytesOf(900), 5000)).rejects.toMatchObject({ reason: "jobs_full" });
  await expect(other.receive(bytesOf(900), 10_001)).rejects.toMatchObject({ code: "too_large" });
  await other.discard(await other.receive(bytesOf(900), 900));
  gate.resolve();
  await store.discard(await first);
  other.close();

  const database = new DatabaseSync(join(dataDir, "jobs.db"));
  database.exec(
    `INSERT INTO reservations VALUES ('dead', '${hostname()} 999999999 x', 9900, ${Date.now()})`,
  );
  const again = await SqliteJobStore.open(dataDir, room);
  await expect(again.receive(bytesOf(900), 900)).rejects.toMatchObject({ reason: "jobs_full" });
  const queue = await openQueue(OWNER);
  await queue.sweep();
  expect(database.prepare("SELECT * FROM reservations").all()).toEqual([]);
  await again.discard(await again.receive(bytesOf(900), undefined));
  for (const open of [queue, again, database]) open.close();
});

test("a step that does not fit fails, and a job that ends gives its room back", async () => {
  const id = await newJob();
  const queue = await openQueue(OWNER);
  const claim = await queue.claim();
  if (claim === undefined) throw new Error("no claim");
  await queue.checkpoint(claim, step("x".repeat(9000), 1));
  await expect(queue.checkpoint(claim, step("x".repeat(1000), 2))).rejects.toMatchObject({
    code: "too_large",
    message: expect.stringContaining("JOBS_MAX_BYTES"),
  });
  await queue.end(claim, { status: "failed", error: "too large" });
  const large = await store.receive(bytesOf(900), 9999);
  await store.discard(large);
  expect(await store.get(id, "")).toMatchObject({ status: "failed" });
  queue.close();
});

test("database, log and files are the user's own", async () => {
  const id = await newJob();
  const queue = await openQueue(OWNER);
  const claim = await queue.claim();
  if (claim === undefined) throw new Error("no claim");
  await queue.checkpoint(claim, step("result", 1));
  const modes = await Promise.all(
    ["jobs.db", "jobs.db-wal", "jobs.db-shm", "jobs", `jobs/${id}/input`, `jobs/${id}/1.part`].map(
      async (name) => ((await stat(join(dataDir, name))).mode & 0o777).toString(8),
    ),
  );
  expect(modes).toEqual(["600", "600", "600", "700", "600", "600"]);
  // Closes the file of its result.
  await queue.end(claim, { status: "succeeded" });
  queue.close();
});
