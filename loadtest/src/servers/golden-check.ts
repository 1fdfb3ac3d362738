import { readGoldenRows, type GoldenRow } from "./golden-rows.ts";
import type { Endpoint, Peer } from "./peers.ts";
import type { Answer } from "./wire-formats.ts";

/** How far a probability may lie from the trainer's. */
const TOLERANCE = 1e-5;

/** Rows of each golden group that are asked. */
const ROWS_PER_GROUP = 8;

/** The trainer's own answers: some rows of each group, evenly spread over it. */
function someGoldenRows(): GoldenRow[] {
  return [...readGoldenRows("iris-forest").values()].flatMap((group) =>
    Array.from({ length: ROWS_PER_GROUP }, (_, index) => {
      const row = group[Math.floor((index * group.length) / ROWS_PER_GROUP)];
      if (row === undefined) throw new Error("a golden group without rows");
      return row;
    }),
  );
}

/** What is wrong with the answers, or null. */
export function difference(expected: readonly Answer[], given: readonly Answer[]): string | null {
  if (given.length !== expected.length) return `${given.length} answers, not ${expected.length}`;
  for (const [row, wanted] of expected.entries()) {
    const got = given[row];
    if (got?.class !== wanted.class) return `row ${row}: class ${got?.class}, not ${wanted.class}`;
    if (got.proba.length !== wanted.proba.length) return `row ${row}: ${got.proba.length} classes`;
    const far = wanted.proba.findIndex(
      (value, index) => !(Math.abs(value - (got.proba[index] ?? NaN)) <= TOLERANCE),
    );
    if (far >= 0) return `row ${row}: probability ${got.proba[far]}, not ${wanted.proba[far]}`;
  }
  return null;
}

async function ask(url: string, endpoint: Endpoint, rows: readonly GoldenRow[]): Promise<Answer[]> {
  const response = await fetch(url + endpoint.path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(endpoint.format.body(rows.map(({ features }) => features))),
    signal: AbortSignal.timeout(30_000),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${text.slice(0, 200)}`);
  return endpoint.format.answers(JSON.parse(text));
}

/**
 * Asks a server for golden rows, one by one and as a batch of `mostRows` at most; returns what is wrong,
 * or null.
 */
export async function checkAnswers(
  peer: Peer,
  url: string,
  mostRows = Infinity,
): Promise<string | null> {
  if (peer.kind === "floor") return null;
  const rows = someGoldenRows();
  try {
    const singles: Answer[] = [];
    for (const row of rows) singles.push(...(await ask(url, peer.endpoint({ rows: 1 }), [row])));
    const some = rows.slice(0, mostRows);
    const batch = await ask(url, peer.endpoint({ rows: some.length }), some);
    return difference(rows, singles) ?? difference(some, batch);
  } catch (error) {
    return `no usable answer: ${error instanceof Error ? error.message : String(error)}`;
  }
}
