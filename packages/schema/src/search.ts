import * as z from "zod";
import { textFeature, type Embedding } from "./define-contract.ts";
import { textSchema } from "./feature-schema.ts";
import { modelChoice, served, type ModelChoice, type ServedBy } from "./predict.ts";
import { INTEGER_MESSAGE } from "./validation-detail.ts";

/** Rows that a search returns when the client does not say how many. */
export const DEFAULT_TOP_K = 10;

/** Most rows that a search returns. */
const MAX_TOP_K = 100;

/** Body of `POST /{contract}/search`. */
export interface SearchRequest extends ModelChoice {
  text: string;
  top_k?: number | null | undefined;
}

/** Rows of the index whose vectors are nearest to the text's, nearest first. */
export interface SearchResponse extends ServedBy {
  results: { text: string; score: number; label?: string | undefined }[];
}

/** Schema of a search; the text follows the rules of the contract's. */
export function searchRequest(contract: Embedding): z.ZodType<SearchRequest, SearchRequest> {
  const feature = textFeature(contract);
  if (feature === undefined) throw new TypeError(`${contract.name} has no text to search for`);
  return z.strictObject({
    text: textSchema(feature),
    top_k: z
      .int(INTEGER_MESSAGE)
      .min(1)
      .max(MAX_TOP_K)
      .nullish()
      .meta({ description: `Most results; ${DEFAULT_TOP_K} when absent.` }),
    ...modelChoice,
  });
}

/** Schema of a search's response. */
export const searchResponse: z.ZodType<SearchResponse, SearchResponse> = z.object({
  results: z
    .array(
      z.object({
        text: z.string(),
        score: z.number().min(-1).max(1).meta({ description: "Cosine of the two vectors." }),
        label: z.string().optional().meta({ description: "Present if the index has labels." }),
      }),
    )
    .meta({ description: "Nearest first; empty if the model knows no word of the text." }),
  ...served,
});
