import { isDeepStrictEqual } from "node:util";

/** What a generator is tried with. */
export interface Trial {
  /** The OpenAPI document. */
  readonly document: object;
  /** Where the SDK is written; it exists. */
  readonly folder: string;
  /** The server that the SDK is used against. */
  readonly url: string;
  /** The file to upload. */
  readonly csv: string;
}

/**
 * Writes an SDK, compiles a program that uses it and runs that against the server; gives what the program prints, fails
 * with the reason.
 */
export type TrySdk = (trial: Trial) => Promise<string>;

/** The file that every program uploads. */
const CSV = "sepal_length,sepal_width,petal_length,petal_width\n5.1,3.5,1.4,0.2";

/** What every program that uses an SDK must print. */
const EXPECTED = {
  label: "versicolor",
  labels: ["setosa", "virginica"],
  status: 422,
  rules: [{ type: "greater_than", loc: ["body", "features", 0] }],
  scored:
    "sepal_length,sepal_width,petal_length,petal_width,class,label,confidence,proba_setosa,proba_versicolor,proba_virginica,error\n5.1,3.5,1.4,0.2,0,setosa,1,1,0,0,",
};

/** Tries one SDK; fails where its program does not print what is expected. */
export async function verifySdk(attempt: TrySdk, trial: Omit<Trial, "csv">): Promise<void> {
  const output: unknown = JSON.parse(await attempt({ ...trial, csv: CSV }));
  if (!isDeepStrictEqual(output, EXPECTED)) throw new Error(`printed ${JSON.stringify(output)}`);
}
