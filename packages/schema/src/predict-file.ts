import * as z from "zod";
import { modelChoice } from "./predict.ts";

/** Query of the routes that take a file. */
export const fileQuery = z.strictObject({
  ...modelChoice,
  strict: z.enum(["true", "false"]).optional().meta({
    description: "Refuse the whole file at its first bad row, with 422.",
  }),
});
