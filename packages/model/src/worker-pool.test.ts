import { describe, expect, test } from "vitest";
import type { SepalError } from "@sepal/schema/sepal-error";
import { WorkerPool } from "./worker-pool.ts";

const script = new URL("../test/echo-worker.ts", import.meta.url);

type Job = { say: string } | { throw: string } | { crash: true } | { hold: number };

function pool(size: number, maxBytes = 1000) {
  const crashes: unknown[] = [];
  const workers = new WorkerPool<Job, { said: string; thread: number }>({
    script,
    size,
    workerData: undefined,
    maxBytes,
    onCrash: (reason) => crashes.push(reason),
  });
  return { workers, crashes, run: (job: Job, bytes = 1) => workers.run(job, [], bytes) };
}

function failure(promise: Promise<unknown>): Promise<SepalError> {
  return promise.then(
    () => expect.unreachable("it should fail"),
    (error: SepalError) => error,
  );
}

describe("WorkerPool", () => {
  test("gives each caller its own answer", async () => {
    const { workers, run } = pool(2);
    const words = Array.from({ length: 50 }, (_, index) => `word ${index}`);
    const answers = await Promise.all(words.map((say) => run({ say })));
    expect(answers.map(({ said }) => said)).toEqual(words);
    await workers.close();
  });

  test("uses every thread when jobs overlap", async () => {
    const { workers, run } = pool(2);
    const answers = await Promise.all([run({ hold: 100 }), run({ hold: 100 }), run({ hold: 100 })]);
    expect(new Set(answers.map(({ thread }) => thread)).size).toBe(2);
    await workers.close();
  });

  test("a failure keeps its code and reaches its caller alone", async () => {
    const { workers, run } = pool(1);
    const [bad, good] = await Promise.all([failure(run({ throw: "no" })), run({ say: "yes" })]);
    expect(bad).toMatchObject({ code: "not_found", message: "no" });
    expect(good.said).toBe("yes");
    await workers.close();
  });

  test("a crash refuses its job with 503, is told, and the thread is replaced", async () => {
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

  test("a crash gives its bytes back", async () => {
    const { workers, run } = pool(1, 100);
    await failure(run({ crash: true }, 100));
    expect((await run({ say: "room" }, 100)).said).toBe("room");
    await workers.close();
  });
});
