import { Readable } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";

/** Bytes written at once; what a client takes of 7 MB without a pause would hold the event loop for 9 ms. */
const TURN_BYTES = 65_536;

async function* turns(parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array, void, void> {
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

/** The parts of a long answer as a stream that lets other requests have their turn in between. */
export function inTurns(parts: readonly Uint8Array[]): Readable {
  return Readable.from(turns(parts), { objectMode: false });
}
