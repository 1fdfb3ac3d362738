import { blockScorer } from "@sepal/model/scoring/score-block";
import { scoreFile } from "@sepal/model/scoring/score-file";
import type { Contract } from "@sepal/schema/define-contract";
import { resultType } from "../files/file-type.ts";
import { isJson, mediaType } from "../http/json.ts";
import type { BodyRules, JsonHandler } from "../http/route-table.ts";
import { noteServed, selectModel } from "../operations/operation.ts";

const CSV = "text/csv";

/** JSON or CSV, held in memory as a whole. */
export const INVOCATIONS_BODY: BodyRules = {
  kind: "body",
  takes: (type) => isJson(type) || type === CSV,
  types: "application/json or text/csv",
};

/** Scores a CSV body as `/predict-file` does; the handler takes JSON. */
export function csvInvocations(contract: Contract): (handler: JsonHandler) => JsonHandler {
  return (handler) => async (exchange) => {
    const { headers, body, call } = exchange;
    if (mediaType(headers["content-type"]) !== CSV) return handler(exchange);
    const model = selectModel(contract, {}, call);
    using _held = model.hold();
    const { MAX_COLUMNS: maxColumns } = call.services.settings;
    const parts: Uint8Array[] = [];
    const score = blockScorer(model);
    const options = { format: "csv" as const, contract, score, maxColumns, call };
    async function* input() {
      if (body !== undefined) yield body;
    }
    let rows = 0;
    for await (const chunk of scoreFile(input(), options)) {
      parts.push(chunk.output);
      rows += chunk.rows;
    }
    noteServed(call, { model: model.name, version: model.version, rows });
    exchange.header("content-type", resultType({ format: "csv", charset: "utf-8" }));
    return Buffer.concat(parts).toString("utf8");
  };
}
