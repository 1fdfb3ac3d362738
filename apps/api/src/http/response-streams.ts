import { Readable } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import { ownMemory } from "./transferable-memory.ts";

/** Bytes written at once; what a client takes of 7 MB without a pause would hold the event loop for 9 ms. */
const TURN_BYTES = 65_536;

async function* paced(parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array, void, void> {
  let given = 0;
  for (const part of parts) {
    if (given >= TURN_BYTES) {
      given = 0;
      await nextTurn();
    }
    given += part.byteLength;
    yield part;
  }
}

/** The parts of a long response as a stream that yields to the event loop in between. */
export function pacedStream(parts: readonly Uint8Array[]): Readable {
  return Readable.from(paced(parts), { objectMode: false });
}

/** Bytes that are kept besides the unsent ones of a stream, for what its framing adds. */
const SLACK_BYTES = 65_536;

/**
 * Yields pieces and frees their memory by hand once they are sent: left to the collector, which a
 * thread that only passes bytes on seldom runs, a large file's pieces pile up to tens of megabytes.
 *
 * `unsent` returns how many of the yielded bytes the system has not taken yet.
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
