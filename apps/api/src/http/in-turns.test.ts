import { expect, test } from "vitest";
import { countTurns } from "../../test/count-turns.ts";
import { inTurns } from "./in-turns.ts";

test("gives every byte on, and the event loop a turn between long parts", async () => {
  const parts = [1, 2, 3].map((value) => new Uint8Array(65_536).fill(value));
  using counted = countTurns();
  const chunks: Uint8Array[] = [];
  const seen: number[] = [];
  for await (const chunk of inTurns(parts)) {
    chunks.push(chunk);
    seen.push(counted.turns);
  }
  expect(Buffer.concat(chunks).equals(Buffer.concat(parts))).toBe(true);
  expect(new Set(seen).size).toBe(parts.length);
});
