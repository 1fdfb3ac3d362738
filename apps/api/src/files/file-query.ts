import { fileQuery, type FileQuery } from "@sepal/schema/predict-file";
import { SepalError } from "@sepal/schema/sepal-error";
import { parseInput } from "../operations/operation.ts";

/** Reads the query of a route that takes a file; fails with `invalid_input`, whose places begin with `query`. */
export function readFileQuery(query: unknown): FileQuery {
  try {
    return parseInput(fileQuery, query);
  } catch (error) {
    if (!(error instanceof SepalError) || error.validation === undefined) throw error;
    const { total } = error.validation;
    const entries = error.validation.entries.map((entry) => ({
      ...entry,
      loc: ["query", ...entry.loc.slice(1)],
    }));
    const message = error.message.replace(/^body/, "query");
    throw new SepalError("invalid_input", message, { validation: { entries, total } });
  }
}
