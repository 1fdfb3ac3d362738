import { expect, test } from "vitest";
import { countTurns } from "../../test/support/count-turns.ts";
import { pacedStream, freeSent } from "./response-streams.ts";

test("gives every byte on, and the event loop a turn between long parts", async () => {
  const parts = [1, 2, 3].map((value) => new Uint8Array(65_536).fill(value));
  using counted = countTurns();
  const chunks: Uint8Array[] = [];
  const seen: number[] = [];
  for await (const chunk of pacedStream(parts)) {
    chunks.push(chunk);
    seen.push(counted.turns);
  }
  expect(Buffer.concat(chunks).equals(Buffer.concat(parts))).toBe(true);
  expect(new Set(seen).size).toBe(parts.length);
});

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
