/** Most rows that one execution tells of itself. */
const MOST_ROWS = 16;

/** Some rows of a `[n, width]` tensor, evenly spaced, as `[m, width]`; all of them where they are few. */
export function sampleRows(features: Float32Array, width: number): Float32Array {
  const rows = features.length / width;
  if (rows <= MOST_ROWS) return features;
  const sample = new Float32Array(MOST_ROWS * width);
  for (let index = 0; index < MOST_ROWS; index += 1) {
    const start = Math.floor((index * rows) / MOST_ROWS) * width;
    for (let column = 0; column < width; column += 1) {
      sample[index * width + column] = features[start + column] ?? Number.NaN;
    }
  }
  return sample;
}
