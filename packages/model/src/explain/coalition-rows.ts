import type { RowSource } from "../batching/run-chunks.ts";

/**
 * The row itself, then for every coalition but that of all features, in the order of their masks,
 * each background row with the coalition's features taken from the row.
 */
export function coalitionRows(
  row: readonly number[],
  background: readonly (readonly number[])[],
): RowSource {
  const width = row.length;
  return {
    count: 1 + (2 ** width - 1) * background.length,
    collate(start, end) {
      const tensor = new Float32Array((end - start) * width);
      let position = 0;
      for (let index = start; index < end; index += 1) {
        const mask = index === 0 ? -1 : Math.floor((index - 1) / background.length);
        const other = background[(index - 1) % background.length] ?? row;
        for (let feature = 0; feature < width; feature += 1) {
          const from = (mask & (2 ** feature)) === 0 ? other : row;
          tensor[position] = from[feature] ?? Number.NaN;
          position += 1;
        }
      }
      return tensor;
    },
  };
}
