import { ownMemory } from "../http/own-bytes.ts";

/** Bytes that are kept besides those that a stream says it has not sent, for what its framing adds. */
const SLACK_BYTES = 65_536;

/**
 * Gives pieces on and frees their memory by hand once they are sent: left to the collector, which a
 * thread that only passes bytes on seldom runs, a large file's pieces pile up to tens of megabytes.
 *
 * `unsent` says how many of the bytes given on are not with the system yet.
 */
export async function* freeSent(
  pieces: AsyncIterable<Uint8Array>,
  unsent: () => number,
): AsyncGenerator<Uint8Array, void, void> {
  const given: { readonly memory: ArrayBuffer | undefined; readonly length: number }[] = [];
  let kept = 0;
  for await (const piece of pieces) {
    const { length } = piece;
    // Memory that holds other things as well is the collector's.
    given.push({ memory: ownMemory(piece), length });
    kept += length;
    yield piece;
    const needed = unsent() + SLACK_BYTES;
    for (let [first] = given; first && kept - first.length >= needed; [first] = given) {
      given.shift();
      kept -= first.length;
      first.memory?.transfer(0);
    }
  }
}
