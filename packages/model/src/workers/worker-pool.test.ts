import { describe, expect, test } from "vitest";
import { SepalError } from "@sepal/schema/sepal-error";
import { WorkerPool } from "./worker-pool.ts";

const script = new URL("../../test/echo-worker.ts", import.meta.url);

type Job = { say: string } | { throw: string } | { crash: true } | { hold: number };

function pool(size: number, maxBytes = 1000, workerData?: string) {
  const crashes: unknown[] = [];
  const workers = new WorkerPool<Job, { said: string; thread: number }>({
    script,
    size,
    workerData: () => workerData,
    maxBytes,
    onCrash: (reason) => crashes.push(reason),
  });
  return {
    workers,
    crashes,
    run: (job: Job, bytes = 1) => workers.run({ job, transfer: [], bytes }),
  };
}

function failure(promise: Promise<unknown>): Promise<SepalError> {
  return promise.then(
    () => expect.unreachable("it should fail"),
    (error: SepalError) => error,
  );
}

describe("WorkerPool", () => {
  test("returns each caller its own result", async () => {
    const { workers, run } = pool(2);
    const words = Array.from({ length: 50 }, (_, index) => `word ${index}`);
    const results = await Promise.all(words.map((say) => run({ say })));
    expect(results.map(({ said }) => said)).toEqual(words);
    await workers.close();
  });

  test("uses every thread when jobs overlap", async () => {
    const { workers, run } = pool(2);
    const results = await Promise.all([run({ hold: 100 }), run({ hold: 100 }), run({ hold: 100 })]);
    expect(new Set(results.map(({ thread }) => thread)).size).toBe(2);
    await workers.close();
  });

  test("a failure keeps its code and reaches its caller alone", async () => {
    const { workers, run } = pool(1);
    const [bad, good] = await Promise.all([failure(run({ throw: "no" })), run({ say: "yes" })]);
    expect(bad).toMatchObject({ code: "not_found", message: "no" });
    expect(good.said).toBe("yes");
    await workers.close();
  });

  test("a crash fails its job with 503, is reported, and the thread is replaced", async () => {
    const { workers, crashes, run } = pool(1);
    const [crashed, waiting] = await Promise.all([
      failure(run({ crash: true })),
      run({ say: "still here" }),
    ]);
    expect(crashed).toMatchObject({ code: "unavailable", reason: "worker_crashed" });
    expect(crashed.headers).toEqual({ "retry-after": "1" });
    expect(waiting.said).toBe("still here");
    expect(crashes).toHaveLength(1);
    await workers.close();
  });

  test("refuses what would wait beyond its bytes, and takes it when there is room again", async () => {
    const { workers, run } = pool(1, 100);
    const first = run({ hold: 50 }, 100);
    expect(await failure(run({ say: "too much" }, 1))).toMatchObject({ reason: "queue_full" });
    await first;
    expect((await run({ say: "room" }, 100)).said).toBe("room");
    await workers.close();
  });

  test("where no thread can start, jobs are refused and not kept waiting", async () => {
    const { workers, crashes, run } = pool(1, 1000, "broken");
    const refused = await Promise.all([failure(run({ say: "a" })), failure(run({ say: "b" }))]);
    expect(refused.map(({ reason }) => reason)).toEqual(["worker_crashed", "worker_crashed"]);
    expect(crashes.length).toBeGreaterThan(0);
    await workers.close();
  });

  test("a crash leaves no more threads than the pool's size", async () => {
    const { workers, run } = pool(1);
    await failure(run({ crash: true }));
    const results = await Promise.all(Array.from({ length: 6 }, () => run({ hold: 20 })));
    expect(new Set(results.map(({ thread }) => thread)).size).toBe(1);
    await workers.close();
  });

  test("a job that nobody waits for any more is not run", async () => {
    const { workers, run } = pool(1);
    const first = run({ hold: 30 });
    const gone = new SepalError("cancelled", "the client is gone");
    const job = { job: { say: "late" }, transfer: [], bytes: 1, abandoned: () => gone };
    expect(await failure(workers.run(job))).toBe(gone);
    await first;
    await workers.close();
  });

  test("a crash gives its bytes back", async () => {
    const { workers, run } = pool(1, 100);
    await failure(run({ crash: true }, 100));
    expect((await run({ say: "room" }, 100)).said).toBe("room");
    await workers.close();
  });
});
