import { expect, test } from "vitest";
import { freeSent } from "./free-sent.ts";

const SIZE = 100_000;

test("memory is freed once it is sent, never before, and only where nothing else is in it", async () => {
  const shared = new Uint8Array(2 * SIZE).subarray(0, SIZE);
  const pieces = [1, 2, 3, 4, 5].map((count) => (count === 2 ? shared : new Uint8Array(SIZE)));
  async function* source() {
    yield* pieces;
  }
  const freed: number[][] = [];
  const look = () =>
    freed.push(pieces.flatMap(({ length }, index) => (length === 0 ? [index + 1] : [])));
  // The last piece given on is never sent yet.
  for await (const _ of freeSent(source(), () => SIZE)) look();
  look();
  expect(freed).toEqual([[], [], [], [1], [1], [1, 3]]);
});
