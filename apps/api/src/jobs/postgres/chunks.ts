import * as z from "zod";
import type { Connection } from "./database.ts";
import { release } from "./postgres-reservations.ts";

/** Most bytes of a row: some are held in memory at once, on either side. */
const CHUNK_BYTES = 262_144;

const chunkRow = z.object({ first_byte: z.int(), data: z.instanceof(Buffer) });

/** Whose bytes: an input, or the result of a job's chunk. */
type Owner = { readonly input: string } | { readonly result: string; readonly chunk: number };

/** Table and key of them. */
function placeOf(owner: Owner) {
  return "input" in owner
    ? { table: "sepal.input_chunks", columns: "id", key: "id = $1", values: [owner.input] }
    : {
        table: "sepal.result_chunks",
        columns: "id, chunk",
        key: "id = $1 AND chunk = $2",
        values: [owner.result, owner.chunk],
      };
}

/** Writes bytes that begin at `first` of the whole, in rows of at most 256 KiB. */
export async function writeChunks(
  connection: Connection,
  owner: Owner,
  first: number,
  bytes: Buffer,
): Promise<void> {
  const { table, columns, values } = placeOf(owner);
  const places = [...values, 0, 0].map((_, index) => `$${index + 1}`).join(", ");
  const text = `INSERT INTO ${table} (${columns}, first_byte, data) VALUES (${places})`;
  for (let at = 0; at < bytes.byteLength; at += CHUNK_BYTES) {
    await connection.query(text, [...values, first + at, bytes.subarray(at, at + CHUNK_BYTES)]);
  }
}

/** Reads from byte `start` on up to `end`, one row at a time; fails where a row is missing. */
export async function* readChunks(
  connection: Connection,
  owner: Owner,
  { start, end }: { readonly start: number; readonly end: number },
): AsyncGenerator<Buffer> {
  const { table, key, values } = placeOf(owner);
  const text = `SELECT first_byte, data FROM ${table}
    WHERE ${key} AND first_byte <= $${values.length + 1} ORDER BY first_byte DESC LIMIT 1`;
  let at = start;
  while (at < end) {
    const { rows } = await connection.query(text, [...values, at]);
    const missing = () => new Error(`${table} has no byte ${at} of ${values.join(", ")}`);
    if (rows.length === 0) throw missing();
    const { first_byte, data } = chunkRow.parse(rows[0]);
    const piece = data.subarray(at - first_byte, end - first_byte);
    if (piece.byteLength === 0) throw missing();
    yield piece;
    at += piece.byteLength;
  }
}

const queueRow = z.object({ queue_id: z.string() });

/**
 * Removes the input of a job with what it had reserved, and the result with its chunks where no client will read it; returns
 * the places that these had in the queue.
 */
export async function removeChunks(
  connection: Connection,
  id: string,
  withResult: boolean,
): Promise<string[]> {
  await connection.query("DELETE FROM sepal.inputs WHERE id = $1", [id]);
  await release(connection, id);
  if (!withResult) return [];
  await connection.query("DELETE FROM sepal.result_chunks WHERE id = $1", [id]);
  const { rows } = await connection.query(
    "DELETE FROM sepal.job_chunks WHERE id = $1 RETURNING queue_id",
    [id],
  );
  return rows.map((row) => queueRow.parse(row).queue_id);
}
