import * as z from "zod";
import type { Claim } from "./job-store.ts";

const state = z.object({
  format: z.enum(["csv", "ndjson"]),
  layout: z
    .object({ delimiter: z.string(), newline: z.string(), columns: z.array(z.string()) })
    .nullable(),
  rows: z.int(),
  inputBytes: z.int(),
});

/** A row of the table of jobs, as far as a runner needs it. */
export const claimRow = z.object({
  id: z.string(),
  attempt: z.int(),
  client: z.string(),
  format: z.enum(["csv", "ndjson"]),
  contract: z.string(),
  model: z.string(),
  version: z.string(),
  strict: z.int(),
  rows_total: z.int().nullable(),
  state: z.string().nullable(),
  stalls: z.int(),
});

/** The claim that a row of the table stands for. */
export function toClaim(value: unknown): Claim {
  const row = claimRow.parse(value);
  const { id, attempt, client, format, contract, model, version } = row;
  const strict = row.strict === 1;
  return {
    id,
    attempt,
    order: { client, format, contract, model, version, strict, idempotency: undefined },
    rowsTotal: row.rows_total,
    state: row.state === null ? null : state.parse(JSON.parse(row.state)),
  };
}
