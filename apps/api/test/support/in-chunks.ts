/** Does something for every item, at most `size` at once; answers in the items' order. */
export async function inChunks<T, R>(
  items: readonly T[],
  size: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  for (let offset = 0; offset < items.length; offset += size) {
    results.push(...(await Promise.all(items.slice(offset, offset + size).map(work))));
  }
  return results;
}
