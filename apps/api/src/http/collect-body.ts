import type { Readable } from "node:stream";
import { overLimit } from "../errors/over-limit.ts";

const NOTHING = Buffer.alloc(0);

/**
 * Collects a body of up to `limit` bytes and calls back once; Node's parser holds it to its `content-length`.
 *
 * `refuse` is asked at every chunk whether so many bytes are too many now.
 *
 * By hand, because what Fastify does for `parseAs` takes its listeners off and copies every body.
 */
export function collectBody(
  payload: Readable,
  limit: number,
  done: (error: Error | null, body: Buffer) => void,
  refuse?: (length: number) => Error | undefined,
): void {
  const chunks: Buffer[] = [];
  let length = 0;
  const fail = (error: Error) => done(error, NOTHING);
  const take = (chunk: Buffer) => {
    length += chunk.length;
    const refused = length > limit ? overLimit("body") : refuse?.(length);
    if (refused === undefined) {
      chunks.push(chunk);
      return;
    }
    payload.off("data", take).off("end", end).off("error", fail);
    fail(refused);
  };
  const end = () => {
    const [only] = chunks;
    done(null, only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks, length));
  };
  payload.on("data", take);
  payload.on("end", end);
  payload.on("error", fail);
}
