import { DEFAULT_MAX_COLUMNS } from "@sepal/schema/files/file-format";

/** The folder that the command was typed in; pnpm runs it in the workspace's root. */
export const TYPED_IN: string = process.env["INIT_CWD"] ?? process.cwd();

/** Most columns of a file, as the server has them in `MAX_COLUMNS`; fails where that is no whole number of 1 or more. */
export function maxColumns(): number {
  const text = process.env["MAX_COLUMNS"] ?? "";
  if (text === "") return DEFAULT_MAX_COLUMNS;
  if (!/^[1-9]\d{0,6}$/.test(text)) {
    throw new Error(`MAX_COLUMNS should be a whole number from 1 to 9999999, not "${text}"`);
  }
  return Number(text);
}
