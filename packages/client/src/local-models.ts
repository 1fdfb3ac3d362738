import { TRPCClientError } from "@trpc/client";
import { decodeModel, MEDIA_TYPE } from "@sepal/evaluator/binary-form";
import { createEvaluator, type Evaluator } from "@sepal/evaluator/evaluate";
import { contractOfFile } from "@sepal/schema/contract-schema";
import { defaultContract } from "@sepal/schema/contracts/index";
import type { Contract } from "@sepal/schema/define-contract";
import {
  predictBatchRequest,
  predictRequest,
  type ModelChoice,
  type ServedBy,
} from "@sepal/schema/predict";
import { predictionReader } from "@sepal/schema/prediction-reader";
import { numberEncoder } from "@sepal/schema/row-encoding";
import { validationDetail } from "@sepal/schema/validation-detail";
import type * as z from "zod";
import { commonHeaders, type ClientOptions } from "./options.ts";

/** How long what was fetched counts as what the server has, in milliseconds. */
const FRESH_MS = 60_000;

/** A call that can be computed here. */
export interface LocalCall {
  /** `undefined` for a procedure at the root, which belongs to the default contract. */
  readonly contract: string | undefined;
  readonly procedure: "predict" | "predictBatch";
}

/** What is made of a contract once: schemas of its requests, and what reads rows and predictions. */
function toolsOf(contract: Contract) {
  return {
    single: predictRequest(contract),
    batch: predictBatchRequest(contract),
    encode: numberEncoder(contract),
    read: predictionReader(contract),
  };
}

/** A model that predicts here. */
interface LocalModel {
  readonly tools: ReturnType<typeof toolsOf>;
  readonly evaluator: Evaluator;
  /** Of the model's bytes: their checksum. */
  readonly tag: string;
}

interface Known {
  readonly served: ServedModel;
  /** `undefined` until it has been fetched, and where the server does not publish it. */
  model?: LocalModel | undefined;
  checkedAt: number;
  fetching?: Promise<void> | undefined;
}

type ServedModel = Pick<ServedBy, "model_used" | "model_version">;

function parsed<T>(schema: z.ZodType<T>, input: unknown): T {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  // As the server would say it.
  const { entries, total } = validationDetail(result.error.issues, input);
  const [{ loc, msg } = { loc: ["body"], msg: "the input is invalid" }] = entries;
  const data = {
    code: "UNPROCESSABLE_CONTENT",
    httpStatus: 422,
    detail: entries,
    errors_total: total,
  };
  throw TRPCClientError.from({
    error: { code: -32_022, message: `${loc.join(".")}: ${msg}`, data },
  });
}

/** The models that a server has predicted with, as long as it publishes them. */
export class LocalModels {
  readonly #options: ClientOptions;
  /** By contract, and by what the call asked for. */
  readonly #served = new Map<string, Known>();

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  #key({ contract = "" }: LocalCall, input: unknown): string {
    const { model_name, model_version }: ModelChoice = Object(input);
    return JSON.stringify([contract, model_name ?? null, model_version ?? null]);
  }

  /** Notes which model predicted, and fetches it where it is another one than before, or was fetched long ago. */
  learn(call: LocalCall, input: unknown, { model_used, model_version }: ServedModel): void {
    // Without the prediction beside it, which is of this row alone.
    const served = { model_used, model_version };
    const key = this.#key(call, input);
    const before = this.#served.get(key);
    const same =
      before?.served.model_used === served.model_used &&
      before.served.model_version === served.model_version;
    const known: Known = same ? before : { served, checkedAt: -Infinity };
    this.#served.set(key, known);
    const now = performance.now();
    if (known.fetching !== undefined || now - known.checkedAt < FRESH_MS) return;
    known.checkedAt = now;
    known.fetching = this.#fetch(call, known)
      // The server that has just predicted is away: there will be another prediction.
      .catch(() => (known.checkedAt = -Infinity))
      .then(() => (known.fetching = undefined));
  }

  async #get(path: string, headers: Readonly<Record<string, string>>): Promise<Response> {
    const url = this.#options.url.replace(/\/+$/, "");
    const send = this.#options.fetch ?? fetch;
    return send(`${url}${path}`, { headers: { ...commonHeaders(this.#options), ...headers } });
  }

  async #fetch({ contract = defaultContract.name }: LocalCall, known: Known): Promise<void> {
    const { model_used, model_version } = known.served;
    const [model, version] = [model_used, model_version].map(encodeURIComponent);
    const before = known.model;
    const response = await this.#get(`/models/${model}/versions/${version}/evaluator`, {
      accept: MEDIA_TYPE,
      "cache-control": "no-cache",
      ...(before !== undefined && { "if-none-match": before.tag }),
    });
    const isSame = response.status === 304 && before !== undefined;
    if (!response.ok && !isSame) {
      await response.body?.cancel();
      if (response.status === 404) known.model = undefined;
      else throw new Error(`the evaluator's form is ${response.status}`);
      return;
    }
    const { evaluator, tag } = isSame
      ? before
      : {
          evaluator: createEvaluator(decodeModel(new Uint8Array(await response.arrayBuffer()))),
          tag: response.headers.get("etag") ?? "",
        };
    // The contract may have changed beside the same model.
    const file = await this.#get(`/contracts/${encodeURIComponent(contract)}`, {});
    if (!file.ok) throw new Error(`the contract is ${file.status}`);
    known.model = { tools: toolsOf(contractOfFile(await file.json())), evaluator, tag };
  }

  /** Computes a call as the server would; `undefined` where its model is not known here. */
  async compute(call: LocalCall, input: unknown): Promise<object | undefined> {
    const known = this.#served.get(this.#key(call, input));
    await known?.fetching;
    if (known?.model === undefined) return undefined;
    const { tools, evaluator } = known.model;
    const started = performance.now();
    const rows =
      call.procedure === "predict"
        ? [parsed(tools.single, input).features]
        : parsed(tools.batch, input).rows;
    const features = Float32Array.from(rows.flatMap((row) => [...tools.encode(row)]));
    const result = evaluator.evaluate(features, rows.length);
    const predictions = rows.map((_, row) => tools.read(result, row));
    const served = {
      ...known.served,
      processing_time_ms: performance.now() - started,
      computed_by: "client",
    };
    return call.procedure === "predict"
      ? { ...predictions[0], ...served }
      : { predictions, count: predictions.length, ...served };
  }
}
