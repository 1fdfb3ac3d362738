import { Readable } from "node:stream";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { countTurns } from "../../test/support/count-turns.ts";
import { collectBody } from "./body.ts";

const LIMIT = 1000;
const collected = promisify(
  (chunks: Buffer[], length: number | undefined, done: Parameters<typeof collectBody>[2]) => {
    collectBody(Readable.from(chunks), LIMIT, done, length === undefined ? {} : { length });
  },
);

/** Bytes in memory of their own, as Node's parser gives them. */
const own = (text: string) => Buffer.from(new TextEncoder().encode(text).buffer);

test("reads a body with and without a content length", async () => {
  for (const length of [9, undefined]) {
    const body = await collected([own("abc"), own("def"), own("ghi")], length);
    expect(body.toString(), String(length)).toBe("abcdefghi");
  }
});

test("gives a body of one chunk on without a copy", async () => {
  const chunk = own("abc");
  expect(await collected([chunk], 3)).toBe(chunk);
});

test("frees chunks once they are copied, and none that shares its memory", async () => {
  const [alone, shared] = [own("abc"), Buffer.from("def")];
  await collected([alone, shared], 6);
  expect(alone.buffer.byteLength).toBe(0);
  expect(shared.toString()).toBe("def");
});

test("refuses what is longer than its length or the limit", async () => {
  const long = [own("abc"), own("def")];
  await expect(collected(long, 5)).rejects.toMatchObject({ code: "too_large" });
  const over = [Buffer.alloc(LIMIT), Buffer.alloc(1)];
  await expect(collected(over, undefined)).rejects.toMatchObject({ code: "too_large" });
});

test("lets other requests have their turn while a large body comes", async () => {
  using counted = countTurns();
  const length = 2 ** 20;
  const body = await new Promise<Buffer>((resolve, reject) => {
    const chunks = Array.from({ length: 16 }, (_, index) => Buffer.alloc(65_536, index));
    collectBody(
      Readable.from(chunks),
      length,
      (error, whole) => (error === null ? resolve(whole) : reject(error)),
      { length },
    );
  });
  expect(body.length).toBe(length);
  expect(body[65_536 * 15]).toBe(15);
  expect(counted.turns).toBeGreaterThanOrEqual(3);
});
