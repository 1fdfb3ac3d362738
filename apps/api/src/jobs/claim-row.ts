import * as z from "zod";
import type { Claim, Progress } from "./job-store.ts";

const checkpoint = z.object({
  format: z.enum(["csv", "ndjson"]),
  layout: z
    .object({
      delimiter: z.string(),
      decimal: z.enum([".", ","]).default("."),
      columns: z.array(z.string()),
    })
    .nullable(),
  lines: z.int().default(0),
  rows: z.int(),
  inputBytes: z.int(),
  checksum: z.string().nullable().default(null),
});

/** A row of the table of jobs, as far as a runner needs it. */
export const claimRow = z.object({
  id: z.string(),
  attempt: z.int(),
  client: z.string(),
  format: z.enum(["csv", "ndjson"]),
  charset: z.enum(["utf-8", "windows-1252"]),
  spreadsheet: z.int(),
  contract: z.string(),
  model: z.string(),
  version: z.string(),
  strict: z.int(),
  rows_total: z.int().nullable(),
  state: z.string().nullable(),
  stalls: z.int(),
});

/** What the column `state` keeps of a step. */
export function packState({ state, checksum }: Pick<Progress, "state" | "checksum">): string {
  return JSON.stringify({ ...state, checksum });
}

function unpackState(text: string | null): Pick<Claim, "state" | "checksum"> {
  if (text === null) return { state: null, checksum: null };
  const { checksum, ...state } = checkpoint.parse(JSON.parse(text));
  return { state, checksum };
}

/** The claim that a row of the table stands for. */
export function toClaim(value: unknown): Claim {
  const row = claimRow.parse(value);
  const { id, attempt, client, format, charset, contract, model, version } = row;
  const [strict, spreadsheet] = [row.strict === 1, row.spreadsheet === 1];
  return {
    id,
    attempt,
    order: {
      client,
      format,
      charset,
      spreadsheet,
      contract,
      model,
      version,
      strict,
      idempotency: undefined,
    },
    rowsTotal: row.rows_total,
    ...unpackState(row.state),
  };
}
