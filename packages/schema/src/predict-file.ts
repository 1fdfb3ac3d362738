import * as z from "zod";
import { modelChoice } from "./predict.ts";

/** How the text of a file may be encoded. */
export type Charset = "utf-8" | "windows-1252";

const CHARSETS = {
  "utf-8": "utf-8",
  utf8: "utf-8",
  "us-ascii": "utf-8",
  "windows-1252": "windows-1252",
  cp1252: "windows-1252",
  latin1: "windows-1252",
  "iso-8859-1": "windows-1252",
} as const satisfies Record<string, Charset>;

/** The names of the charsets that files may have. */
export const CHARSET_NAMES = Object.keys(CHARSETS) as readonly (keyof typeof CHARSETS)[];

// A map: an object would also find what every object has.
const BY_NAME: ReadonlyMap<string, Charset> = new Map(Object.entries(CHARSETS));

/** The charset that a name stands for, in any case; browsers too read `latin1` as Windows-1252. */
export function charsetNamed(name: string): Charset | undefined {
  return BY_NAME.get(name.toLowerCase());
}

/** Query of the routes that take a file; other keys are ignored. */
export const fileQuery = z.object({
  ...modelChoice,
  charset: z.string().toLowerCase().pipe(z.enum(CHARSET_NAMES)).optional().meta({
    description: "How the file is encoded; by default what its content type says, else utf-8.",
  }),
  spreadsheet: z.enum(["true", "false"]).optional().meta({
    description:
      "Put an apostrophe before cells that a spreadsheet would take for a formula; CSV only.",
  }),
  strict: z.enum(["true", "false"]).optional().meta({
    description: "Refuse the whole file at its first bad row, with 422.",
  }),
});
