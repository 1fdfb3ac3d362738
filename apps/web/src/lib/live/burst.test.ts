import { expect, test } from "vitest";
import { sendBurst, type BurstProgress } from "./burst.ts";

test("sends exactly as many as asked for, never more than 64 at once, and counts the failures", async () => {
  let [open, most] = [0, 0];
  const seen: BurstProgress[] = [];
  const result = await sendBurst({
    requests: 200,
    seconds: 0.05,
    signal: new AbortController().signal,
    onProgress: (progress) => void seen.push(progress),
    async send(index) {
      open += 1;
      most = Math.max(most, open);
      await new Promise((resolve) => setTimeout(resolve, 5));
      open -= 1;
      if (index % 10 === 0) throw new Error("refused");
    },
  });
  expect(result).toEqual({ sent: 200, answered: 180, failed: 20 });
  expect(seen.at(-1)).toEqual(result);
  expect(most).toBeLessThanOrEqual(64);
});

test("keeps to its time and stops when told to", async () => {
  const abort = new AbortController();
  let sent = 0;
  const started = performance.now();
  const burst = sendBurst({
    requests: 20,
    seconds: 0.2,
    signal: abort.signal,
    onProgress: () => {},
    async send() {
      sent += 1;
      if (sent === 10) abort.abort(new Error("left"));
    },
  });
  await expect(burst).rejects.toThrow("left");
  expect(sent).toBe(10);
  expect(performance.now() - started).toBeGreaterThan(80);
});
