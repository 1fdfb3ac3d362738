/** Makes a subject of several parts, which end with it, the last one first; where one cannot be started, those before it end at once. */
export async function owned<T extends object>(
  make: (parts: AsyncDisposableStack) => Promise<T>,
): Promise<T & AsyncDisposable> {
  await using parts = new AsyncDisposableStack();
  const subject = await make(parts);
  const all = parts.move();
  return Object.assign(subject, { [Symbol.asyncDispose]: () => all.disposeAsync() });
}
