import { expect, test } from "vitest";
import { inTurns } from "./in-turns.ts";

test("gives every byte on, and the event loop a turn between long parts", async () => {
  const parts = [1, 2, 3].map((value) => new Uint8Array(65_536).fill(value));
  let turns = 0;
  let running = true;
  const count = () => {
    turns += 1;
    if (running) setImmediate(count);
  };
  setImmediate(count);
  const chunks: Uint8Array[] = [];
  const seen: number[] = [];
  for await (const chunk of inTurns(parts)) {
    chunks.push(chunk);
    seen.push(turns);
  }
  running = false;
  expect(Buffer.concat(chunks).equals(Buffer.concat(parts))).toBe(true);
  expect(new Set(seen).size).toBe(parts.length);
});
