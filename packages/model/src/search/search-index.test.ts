import { expect, test } from "vitest";
import { seededRandom } from "../seeded-random.ts";
import { SearchIndex } from "./search-index.ts";

function base64(vectors: readonly (readonly number[])[]): string {
  return Buffer.from(Float32Array.from(vectors.flat()).buffer).toString("base64");
}

function indexOf(vectors: readonly (readonly number[])[]): SearchIndex {
  const rows = vectors.map((_, row) => ({ text: `row ${row}`, label: `${row % 3}` }));
  const [first = []] = vectors;
  return new SearchIndex({ format: 1, rows, vectors: base64(vectors) }, first.length).ready();
}

test("finds what sorting every cosine finds, earlier rows first among equals", async () => {
  const random = seededRandom(7);
  const vectors = Array.from({ length: 500 }, () =>
    // Few values, so that many rows have the same cosine.
    Array.from({ length: 3 }, () => Math.floor(random() * 3) - 1),
  );
  const cosine = (a: readonly number[], b: readonly number[]) => {
    const product = a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
    return product / (Math.hypot(...a) * Math.hypot(...b)) || 0;
  };
  const index = indexOf(vectors);
  const query = [2, -1, 0.5];
  const expected = vectors
    .map((vector, row) => ({ row, score: cosine(query, vector) }))
    .toSorted((a, b) => Math.round((b.score - a.score) * 1e6) || a.row - b.row);
  for (const most of [1, 10, 100, 500]) {
    const found = await index.nearest(query, most);
    const scores = found.map(({ score }) => score);
    expect(scores).toHaveLength(most);
    for (const [place, { score }] of expected.slice(0, most).entries()) {
      expect(scores[place]).toBeCloseTo(score, 6);
    }
    const row = expected[0]?.row ?? -1;
    expect(found[0]).toMatchObject({ text: `row ${row}`, label: `${row % 3}` });
  }
});

test("a vector of zeros is near nothing, and a row of zeros is as far as a right angle", async () => {
  const index = indexOf([
    [0, 0],
    [3, 0],
    [-3, 0],
  ]);
  expect(await index.nearest([0, 0], 10)).toEqual([]);
  expect((await index.nearest([0.5, 0], 10)).map(({ text, score }) => [text, score])).toEqual([
    ["row 1", 1],
    ["row 0", 0],
    ["row 2", -1],
  ]);
});

test("refuses vectors that do not fit their rows, and numbers that are not finite", () => {
  const rows = [{ text: "one" }, { text: "two" }];
  const file = { format: 1 as const, rows, vectors: base64([[1, 2, 3]]) };
  expect(() => new SearchIndex(file, 2)).toThrow(
    "index.json has 12 bytes of vectors; 2 rows of 2 float32 take 16",
  );
  const bad = base64([
    [1, Number.NaN],
    [2, 3],
  ]);
  expect(() => new SearchIndex({ ...file, vectors: bad }, 2)).toThrow("not finite");
});
