import { inferenceRequest, type InferenceRequest } from "@sepal/schema/inference";
import { preview } from "@sepal/schema/validation-detail";
import { SepalError } from "@sepal/schema/sepal-error";
import { parseJsonBytes } from "../../http/json.ts";
import { parseInput } from "../operation.ts";

/** An inference request as it came from the socket. */
export interface InferBytes {
  readonly model: string;
  readonly version: string | undefined;
  readonly body: Buffer;
  /** Length of the JSON in front of the tensors' bytes; absent, all is JSON, and 0 means that there is none. */
  readonly headerLength: number | undefined;
}

/** An output that the client asks for. */
export interface RequestedOutput {
  readonly name: string;
  readonly binary: boolean;
}

/** Parameters of Triton's other extensions: ignored, the response would be something else. */
const UNSUPPORTED = ["classification", "shared_memory_region"];

/** A failure of the request, 400 in this protocol; `unquoted` is the message without text of the request. */
export function badRequest(message: string, unquoted?: string): SepalError {
  return new SepalError("invalid_input", message, { unquoted });
}

/** A client's text in a message, cut. */
export function quoted(text: string): string {
  return JSON.stringify(preview(text));
}

/** Reads `inference-header-content-length`; fails where it is no length or longer than the body. */
export function readHeaderLength(
  header: string | string[] | undefined,
  bodyLength: number,
): number | undefined {
  if (header === undefined) return undefined;
  const length = Number(header);
  if (typeof header === "string" && /^\d{1,10}$/.test(header) && length <= bodyLength) {
    return length;
  }
  const message = `inference-header-content-length should be a whole number from 0 to ${bodyLength}, the length of the body`;
  throw new SepalError("malformed_request", message);
}

/** The request's JSON; fails with `malformed_body` or `invalid_input`. */
export function readHead(body: Buffer, headerLength = body.length): InferenceRequest {
  return parseInput(inferenceRequest, parseJsonBytes(body.subarray(0, headerLength)));
}

function flag(parameters: InferenceRequest["parameters"], name: string): boolean | undefined {
  const value = parameters?.[name];
  if (value === undefined || typeof value === "boolean") return value;
  throw badRequest(`parameter "${name}" should be true or false`);
}

/** Fails where a tensor asks for what Sepal does not do. */
export function refuseUnsupported(
  tensor: string,
  parameters: InferenceRequest["parameters"],
): void {
  const name = UNSUPPORTED.find((key) => parameters?.[key] !== undefined);
  if (name !== undefined) throw badRequest(`${tensor}: parameter "${name}" is not supported`);
}

/** Which of a model's outputs the client wants and in which form; all of them where it names none. */
export function readOutputs(
  { parameters, outputs }: InferenceRequest,
  names: readonly string[],
): RequestedOutput[] {
  const all = flag(parameters, "binary_data_output") ?? false;
  if (outputs === undefined || outputs === null || outputs.length === 0) {
    return names.map((name) => ({ name, binary: all }));
  }
  const seen = new Set<string>();
  return outputs.map(({ name, parameters: own }) => {
    const tensor = `output ${quoted(name)}`;
    if (!names.includes(name)) {
      const fault = `there is no such output; there are ${names.join(", ")}`;
      throw badRequest(`${tensor}: ${fault}`, fault);
    }
    if (seen.has(name)) throw badRequest(`${tensor} is requested twice`);
    seen.add(name);
    refuseUnsupported(tensor, own);
    return { name, binary: flag(own, "binary_data") ?? all };
  });
}
