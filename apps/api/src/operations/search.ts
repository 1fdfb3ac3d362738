import type { ServedModel } from "@sepal/model/served-model";
import type { Embedding } from "@sepal/schema/define-contract";
import {
  DEFAULT_TOP_K,
  searchRequest,
  searchResponse,
  type SearchRequest,
  type SearchResponse,
} from "@sepal/schema/search";
import { SepalError } from "@sepal/schema/sepal-error";
import * as z from "zod";
import type { CallContext, Services } from "../context.ts";
import { noteServed, processingTime, selectModel, type Operation } from "./operation.ts";

/** The published index of a model; fails with `not_found` where there is none, or where nothing of a model is published. */
export function indexOf({ name, version, index }: ServedModel, { settings }: Services) {
  if (settings.PUBLISH_MODELS === "none") {
    const msg = `the rows that ${name} searches are not published; PUBLISH_MODELS is none`;
    throw new SepalError("not_found", msg);
  }
  if (index !== undefined) return index;
  throw new SepalError("not_found", `version ${version} of ${name} has no index.json to search`);
}

/** Finds the published texts of an embedding that are most like a text. */
export function searchOperation(contract: Embedding) {
  return {
    input: z.compile(searchRequest(contract), { strict: true }),
    output: z.compile(searchResponse, { strict: true }),
    async run({ text, top_k, ...choice }: SearchRequest, context: CallContext) {
      const model = selectModel(contract, choice, context);
      const { name, version } = model;
      using _held = model.hold();
      const index = indexOf(model, context.services);
      const { cache } = context.services;
      const row: [string] = [text];
      const predicted =
        cache === undefined
          ? await model.predict(row, context)
          : await cache.predict(model, row, context);
      const { prediction, startedAt, queueMs, computeMs } = predicted;
      const vector = "embedding" in prediction ? prediction.embedding : [];
      const results = await index.nearest(vector, top_k ?? DEFAULT_TOP_K);
      noteServed(context, { model: name, version, rows: 1, startedAt, queueMs, computeMs });
      return {
        results,
        model_used: name,
        model_version: version,
        processing_time_ms: processingTime(context),
      };
    },
  } satisfies Operation<SearchRequest, SearchResponse>;
}
