import { indexFile } from "../manifest.ts";
import type { ServedModel } from "../served-model.ts";
import { SearchIndex } from "../search/search-index.ts";

/** Rows of an index whose vectors are compared with the model's own. */
const COMPARED_ROWS = 16;

const PROBE = { probe: true };

/** The index of a version from the bytes of its `index.json`; throws where the vectors are not what the model gives for the texts. */
export async function openIndex(model: ServedModel, bytes: Uint8Array): Promise<SearchIndex> {
  const { contract, manifest } = model;
  if (contract.task !== "embedding") throw new Error("index.json belongs to embeddings alone");
  const file = indexFile.safeParse(JSON.parse(Buffer.from(bytes).toString("utf8")));
  if (!file.success) {
    const [issue] = file.error.issues;
    throw new Error(`index.json: ${issue?.path.join(".")}: ${issue?.message}`);
  }
  const index = new SearchIndex(file.data, contract.dimensions);
  const step = Math.max(1, Math.floor(index.size / COMPARED_ROWS));
  const places = Array.from({ length: Math.min(index.size, COMPARED_ROWS) }, (_, at) => at * step);
  const rows = places.map((place) => index.row(place));
  const predictions = await model.predictRows(
    rows.map(({ text }): [string] => [text]),
    PROBE,
  );
  for (const [at, prediction] of predictions.entries()) {
    const found = "embedding" in prediction ? prediction.embedding : [];
    const { vector = [] } = rows[at] ?? {};
    const off = found.findIndex((value, place) => {
      const wanted = vector[place] ?? Number.NaN;
      return !(Math.abs(value - wanted) <= manifest.tolerance * Math.max(1, Math.abs(wanted)));
    });
    if (off === -1) continue;
    throw new Error(
      `index.json: number ${off} of the vector of row ${places[at]} is ${vector[off]}, the model gives ${found[off]}: the index was made by another model`,
    );
  }
  return index.ready();
}
