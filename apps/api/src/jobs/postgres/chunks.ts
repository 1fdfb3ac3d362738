import * as z from "zod";
import type { Connection } from "./database.ts";
import { release } from "./postgres-reservations.ts";

/** Most bytes of a row: some are held in memory at once, on either side. */
const CHUNK_BYTES = 262_144;

const chunkRow = z.object({ first_byte: z.int(), data: z.instanceof(Buffer) });

type Table = "sepal.input_chunks" | "sepal.result_chunks";

/** Writes bytes that begin at `first` of the whole, in rows of at most 256 KiB. */
export async function writeChunks(
  connection: Connection,
  table: Table,
  id: string,
  first: number,
  bytes: Buffer,
): Promise<void> {
  for (let at = 0; at < bytes.byteLength; at += CHUNK_BYTES) {
    await connection.query(`INSERT INTO ${table} (id, first_byte, data) VALUES ($1, $2, $3)`, [
      id,
      first + at,
      bytes.subarray(at, at + CHUNK_BYTES),
    ]);
  }
}

/** Reads from byte `start` on up to `end`, one row at a time; fails where a row is missing. */
export async function* readChunks(
  connection: Connection,
  table: Table,
  id: string,
  { start, end }: { readonly start: number; readonly end: number },
): AsyncGenerator<Buffer> {
  let at = start;
  while (at < end) {
    const { rows } = await connection.query(
      `SELECT first_byte, data FROM ${table} WHERE id = $1 AND first_byte <= $2
       ORDER BY first_byte DESC LIMIT 1`,
      [id, at],
    );
    if (rows.length === 0) throw new Error(`${table} has no byte ${at} of ${id}`);
    const { first_byte, data } = chunkRow.parse(rows[0]);
    const piece = data.subarray(at - first_byte, end - first_byte);
    if (piece.byteLength === 0) throw new Error(`${table} has no byte ${at} of ${id}`);
    yield piece;
    at += piece.byteLength;
  }
}

/** Removes the input of a job with what it had reserved, and the result where no client will read it. */
export async function removeChunks(
  connection: Connection,
  id: string,
  withResult: boolean,
): Promise<void> {
  await connection.query("DELETE FROM sepal.inputs WHERE id = $1", [id]);
  await release(connection, id);
  if (withResult) await connection.query("DELETE FROM sepal.result_chunks WHERE id = $1", [id]);
}
