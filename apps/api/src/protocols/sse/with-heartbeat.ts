/**
 * Passes a stream's items on and gives `beat` whenever the next one takes longer than
 * `milliseconds`; while nobody asks for an item, nothing is run and nothing beats.
 */
export async function* withHeartbeat<T>(
  stream: AsyncIterator<T, void, void>,
  beat: T,
  milliseconds: number,
): AsyncGenerator<T, void, void> {
  let pending = stream.next();
  for (;;) {
    const { promise: due, resolve } = Promise.withResolvers<"due">();
    const timer = setTimeout(resolve, milliseconds, "due");
    const first = await Promise.race([pending, due]).finally(() => clearTimeout(timer));
    if (first === "due") {
      yield beat;
    } else {
      if (first.done === true) return;
      yield first.value;
      pending = stream.next();
    }
  }
}
