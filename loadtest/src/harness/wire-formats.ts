import * as z from "zod";
import type { Column } from "./manifest-columns.ts";

/** What a server predicted for one row. */
export interface Prediction {
  readonly class: number;
  readonly proba: readonly number[];
}

type Rows = readonly (readonly number[])[];

/** How rows go to a server and predictions come back. */
export interface WireFormat {
  /** JSON body for rows as models take them, `[n, features]`. */
  readonly body: (rows: Rows) => unknown;
  /** Predictions in row order; throws when the JSON has another form. */
  readonly predictions: (json: unknown) => Prediction[];
}

const prediction = z.object({ class: z.int(), proba: z.array(z.number()) });
const batch = z.object({ predictions: z.array(prediction) });
const trpc = <T extends z.ZodType>(data: T) => z.object({ result: z.object({ data }) });
const tensors = z.object({
  outputs: z.tuple([
    z.object({ name: z.literal("class"), data: z.array(z.int()) }),
    z.object({ name: z.literal("proba"), data: z.array(z.number()) }),
  ]),
});

/** `{"features"}` to `{"class","proba"}`. */
export const single: WireFormat = {
  body: ([features]) => ({ features }),
  predictions: (json) => [prediction.parse(json)],
};

/** `{"rows"}` to `{"predictions"}`. */
export const rows: WireFormat = {
  body: (rows) => ({ rows }),
  predictions: (json) => batch.parse(json).predictions,
};

/** {@link single} and {@link rows} with objects by feature name, without what a row lacks. */
export function named(columns: readonly Column[]): Record<"single" | "rows", WireFormat> {
  const byName = (row: readonly number[]) =>
    Object.fromEntries(
      columns.flatMap(({ name, values }, index) => {
        const number = row[index] ?? Number.NaN;
        return Number.isNaN(number) ? [] : [[name, values?.[number] ?? number]];
      }),
    );
  return {
    single: { ...single, body: ([row = []]) => ({ features: byName(row) }) },
    rows: { ...rows, body: (all) => ({ rows: all.map(byName) }) },
  };
}

/** {@link single} in tRPC's envelope. */
export const trpcSingle: WireFormat = {
  body: single.body,
  predictions: (json) => [trpc(prediction).parse(json).result.data],
};

/** {@link rows} in tRPC's envelope. */
export const trpcRows: WireFormat = {
  body: rows.body,
  predictions: (json) => trpc(batch).parse(json).result.data.predictions,
};

/** A batch of single calls with a row each, as `httpBatchLink` of `@trpc/client` sends it. */
export const trpcBatch: WireFormat = {
  body: (rows) => Object.fromEntries(rows.map((row, index) => [index, single.body([row])])),
  predictions: (json) =>
    z
      .array(trpc(prediction))
      .parse(json)
      .map(({ result }) => result.data),
};

/** {@link trpcRows} as the only call of such a batch. */
export const trpcBatchOfRows: WireFormat = {
  body: (all) => ({ 0: rows.body(all) }),
  predictions: (json) => trpcRows.predictions(z.tuple([z.unknown()]).parse(json)[0]),
};

/** `{"rows"}` to a matrix: the class and the probabilities of each row. */
export const matrix: WireFormat = {
  body: rows.body,
  predictions: (json) =>
    z
      .array(z.tuple([z.int()], z.number()))
      .parse(json)
      .map(([index, ...proba]) => ({
        class: index,
        proba,
      })),
};

/** The JSON form of the Open Inference Protocol. */
export const openInference: WireFormat = {
  body: (rows) => ({
    inputs: [{ name: "features", shape: [rows.length, 4], datatype: "FP32", data: rows.flat() }],
  }),
  predictions(json) {
    const [classes, proba] = tensors.parse(json).outputs;
    const width = proba.data.length / classes.data.length;
    return classes.data.map((value, row) => ({
      class: value,
      proba: proba.data.slice(row * width, (row + 1) * width),
    }));
  },
};
