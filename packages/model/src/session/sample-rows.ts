/** Rows that one execution tells of itself: all up to the first number, then a quarter, up to the second. */
const FEW_ROWS = 16;
const MOST_ROWS = 256;

/** Some rows of a `[n, width]` tensor, evenly spaced, as `[m, width]`; all of them where they are few. */
export function sampleRows(features: Float32Array, width: number): Float32Array {
  const rows = features.length / width;
  if (rows <= FEW_ROWS) return features;
  const count = Math.min(MOST_ROWS, Math.max(FEW_ROWS, rows >> 2));
  const sample = new Float32Array(count * width);
  for (let index = 0; index < count; index += 1) {
    const start = Math.floor((index * rows) / count) * width;
    for (let column = 0; column < width; column += 1) {
      sample[index * width + column] = features[start + column] ?? Number.NaN;
    }
  }
  return sample;
}
