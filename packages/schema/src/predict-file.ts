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
    description: "Character encoding of the file. Default: that of the content type, else utf-8.",
  }),
  spreadsheet: z.enum(["true", "false"]).optional().meta({
    description:
      "Prefix cells that a spreadsheet would run as a formula with an apostrophe; CSV only.",
  }),
  strict: z.enum(["true", "false"]).optional().meta({
    description: "Reject the whole file with 422 at its first invalid row.",
  }),
});
