import type { Contract } from "@sepal/schema/define-contract";
import { matchHeadings } from "@sepal/schema/headings";
import { predictBatchResponse } from "@sepal/schema/predict";
import { SepalError } from "@sepal/schema/sepal-error";
import { MAX_ENTRIES, type DetailEntry } from "@sepal/schema/validation-detail";
import * as z from "zod";
import type { CallContext } from "../context.ts";
import { invalidField, parseInput, type Operation } from "./operation.ts";
import type { predictBatchOperation } from "./predict-batch.ts";

// The request of MLflow's scoring protocol: github.com/mlflow/mlflow, docs "Deploy MLflow Model as a Local Inference Server".

const values = z.array(z.unknown());
const record = z.record(z.string(), z.unknown());

const invocation = z.strictObject({
  dataframe_split: z
    .strictObject({
      columns: z.array(z.string()).min(1),
      data: z.array(values).min(1),
      index: values.optional(),
    })
    .optional()
    .meta({ description: "Column names, and rows as lists in their order." }),
  dataframe_records: z.array(record).min(1).optional().meta({ description: "Rows as objects." }),
  inputs: z
    .union([z.array(z.unknown()).min(1), z.record(z.string(), values)])
    .optional()
    .meta({
      description: "Rows as lists or objects, or a list of values by column.",
      // Generators make nothing of a union of a list and an object.
      override: ({ jsonSchema }: { readonly jsonSchema: z.core.JSONSchema.BaseSchema }) => {
        delete jsonSchema.anyOf;
      },
    }),
  instances: z
    .array(z.unknown())
    .min(1)
    .optional()
    .meta({ description: "Rows as lists in the contract's order, or as objects." }),
});

type Invocation = z.infer<typeof invocation>;
type Loc = readonly (string | number)[];

/** Rows as lists in the contract's order, and where each value stands in the request. */
interface FoundRows {
  readonly rows: readonly (readonly unknown[])[];
  readonly locOf: (row: number, column: number) => Loc;
}

/** Rows of these columns in the contract's order; fails where a feature has none. */
function byColumns(
  contract: Contract,
  columns: readonly string[],
  data: readonly (readonly unknown[])[],
  locs: { readonly columns: Loc; readonly value: (row: number, place: number) => Loc },
): FoundRows {
  const { places, faults } = matchHeadings(columns, contract.features, "request");
  if (faults.length > 0) {
    const entries = faults.map(({ feature, type, msg }): DetailEntry => {
      return { type, loc: [...locs.columns, feature], msg, input: columns.slice(0, 50) };
    });
    throw brokenRules(entries);
  }
  return {
    rows: data.map((row) => places.map((place) => row[place] ?? null)),
    locOf: (row, column) => locs.value(row, places[column] ?? column),
  };
}

function brokenRules(entries: readonly DetailEntry[]): SepalError {
  const [{ loc, msg } = { loc: [], msg: "the input is invalid" }] = entries;
  const validation = { entries: entries.slice(0, MAX_ENTRIES), total: entries.length };
  return new SepalError("invalid_input", `${loc.join(".")}: ${msg}`, { validation });
}

/** Rows of objects, whose keys are matched as the headings of files are. */
function byRecords(contract: Contract, key: string, records: readonly object[]): FoundRows {
  const [first = {}] = records;
  const columns = [...new Set(records.flatMap((each) => Object.keys(each)))];
  const data = records.map((each) => columns.map((column) => Reflect.get(each, column)));
  const value = (row: number, place: number): Loc => ["body", key, row, columns[place] ?? place];
  const known = byColumns(contract, columns.length > 0 ? columns : Object.keys(first), data, {
    columns: ["body", key],
    value,
  });
  return known;
}

function byRows(contract: Contract, key: string, rows: readonly unknown[]): FoundRows {
  if (rows.every((row) => typeof row === "object" && row !== null && !Array.isArray(row))) {
    return byRecords(contract, key, rows.map(Object));
  }
  const lists = rows.map((row, index): readonly unknown[] => {
    if (Array.isArray(row)) return row;
    // A column vector of a contract with one feature.
    if (contract.features.length === 1 && typeof row !== "object") return [row];
    throw invalidField(["body", key, index], "Input should be a valid list", row);
  });
  return { rows: lists, locOf: (row, column) => ["body", key, row, column] };
}

function byValues(
  contract: Contract,
  columns: Readonly<Record<string, readonly unknown[]>>,
): FoundRows {
  const names = Object.keys(columns);
  const length = columns[names[0] ?? ""]?.length ?? 0;
  const odd = names.find((name) => columns[name]?.length !== length);
  if (odd !== undefined) {
    const msg = `It has ${columns[odd]?.length} values, the first column ${length}`;
    throw invalidField(["body", "inputs", odd], msg, null);
  }
  const data = Array.from({ length }, (_, row) => names.map((name) => columns[name]?.[row]));
  return byColumns(contract, names, data, {
    columns: ["body", "inputs"],
    value: (row, place) => ["body", "inputs", names[place] ?? place, row],
  });
}

function rowsOf(contract: Contract, input: Invocation): FoundRows {
  const given = Object.entries(input).filter(([, value]) => value !== undefined);
  if (given.length !== 1) {
    const msg = "Give one of dataframe_split, dataframe_records, inputs and instances";
    throw invalidField(
      ["body"],
      msg,
      given.map(([name]) => name),
    );
  }
  const { dataframe_split: split, dataframe_records: records, inputs, instances } = input;
  if (split !== undefined) {
    const { columns, data } = split;
    const odd = data.findIndex((row) => row.length !== columns.length);
    if (odd !== -1) {
      const msg = `It has ${data[odd]?.length} values for ${columns.length} columns`;
      throw invalidField(["body", "dataframe_split", "data", odd], msg, data[odd]);
    }
    return byColumns(contract, columns, data, {
      columns: ["body", "dataframe_split", "columns"],
      value: (row, place) => ["body", "dataframe_split", "data", row, place],
    });
  }
  if (records !== undefined) return byRecords(contract, "dataframe_records", records);
  if (Array.isArray(inputs)) return byRows(contract, "inputs", inputs);
  if (inputs !== undefined) return byValues(contract, inputs);
  return byRows(contract, "instances", instances ?? []);
}

/** The failure of rows with the places that their values have in the request. */
function inTheRequest(error: unknown, { locOf }: FoundRows): unknown {
  if (!(error instanceof SepalError) || error.validation === undefined) return error;
  const { entries, total, cut } = error.validation;
  const placed = entries.map((entry) => {
    const [, , row, column] = entry.loc;
    const known = typeof row === "number";
    const loc = known ? locOf(row, typeof column === "number" ? column : 0) : ["body"];
    return Object.assign({}, entry, { loc });
  });
  const [{ loc, msg } = { loc: [], msg: error.message }] = placed;
  return new SepalError("invalid_input", `${loc.join(".")}: ${msg}`, {
    validation: { entries: placed, total, ...(cut !== undefined && { cut }) },
  });
}

/** Predicts rows as MLflow's scoring server takes them, as `batch` does once they are lists. */
export function invocationsOperation<C extends Contract>(
  contract: C,
  batch: ReturnType<typeof predictBatchOperation<C>>,
) {
  const output = predictBatchResponse(contract);
  return {
    input: invocation,
    output: z.object({ predictions: Object(output).shape.predictions }),
    async run(input: Invocation, context: CallContext) {
      const found = rowsOf(contract, input);
      let request: Parameters<typeof batch.run>[0];
      try {
        request = parseInput(batch.input, { rows: found.rows });
      } catch (error) {
        throw inTheRequest(error, found);
      }
      const { predictions } = await batch.run(request, context);
      return { predictions };
    },
  } satisfies Operation<Invocation, unknown>;
}
