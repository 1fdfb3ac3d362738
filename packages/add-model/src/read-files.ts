import { readFile } from "node:fs/promises";
import { checkCharset, decode } from "@sepal/schema/files/charset";
import { readMark } from "@sepal/schema/files/file-head";
import type { Charset } from "@sepal/schema/predict-file";
import { SepalError } from "@sepal/schema/sepal-error";
import { Refusal } from "./refusal.ts";
import { readCsv, type CsvTable } from "./table/csv-table.ts";

/** The bytes of a file; refuses one that cannot be read. */
export async function readBytes(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new Refusal(
      `${path}: cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}

/** The text of a table; refuses one that is not in its charset, with the place. */
export async function readText(path: string, charset: Charset): Promise<string> {
  const bytes = await readBytes(path);
  try {
    const mark = readMark(bytes, charset);
    checkCharset(bytes, charset, { lines: 0, offset: 0 });
    return decode(bytes.toString("latin1", mark), charset);
  } catch (error) {
    if (!(error instanceof SepalError)) throw error;
    const reason = error.message.replace("pass charset=", "give --charset ");
    throw new Refusal(`${path}: ${reason}`, { cause: error });
  }
}

/** A table as its cells. */
export async function readTable(path: string, charset: Charset): Promise<CsvTable> {
  return readCsv(await readText(path, charset), path);
}
