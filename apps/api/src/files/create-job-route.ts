import type { Contract } from "@sepal/schema/define-contract";
import { fileQuery } from "@sepal/schema/predict-file";
import { SepalError } from "@sepal/schema/sepal-error";
import type { FastifyReply, FastifyRequest } from "fastify";
import { openUpload } from "./upload.ts";
import { parseQuery } from "../operations/operation.ts";
import { submitJob } from "../operations/create-job.ts";
import { asJson } from "../http/json.ts";

/** Visible ASCII and spaces, in quotes as the IETF draft writes a key, or bare as most clients do. */
const KEY = /^(?:"([ !#-[\]-~]{1,255})"|([!#-~][ !#-~]{0,254}))$/;

/** The client's name for an order, from `idempotency-key`; fails with `malformed_request`. */
function readKey(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  const [, quoted, bare] = KEY.exec(String(header)) ?? [];
  const key = quoted ?? bare;
  if (key !== undefined) return key;
  throw new SepalError("malformed_request", "idempotency-key should be 1 to 255 ASCII characters");
}

/** Handles a file that becomes a job: stores it as it comes and answers with where the job is. */
export function createJobHandler(contract: Contract, maxFileBytes: number) {
  return async (request: FastifyRequest, reply: FastifyReply) => {
    const { strict, ...choice } = parseQuery(fileQuery, request.query);
    const key = readKey(request.headers["idempotency-key"]);
    const { format, bytes } = await openUpload(request.raw, maxFileBytes);
    const options = { ...choice, format, strict: strict === "true", idempotency_key: key };
    const keyPlace = ["header", "idempotency-key"];
    // That of a form is a little more than its file.
    const length = request.headers["content-length"];
    const source = { bytes, declared: length === undefined ? undefined : Number(length) };
    const created = await submitJob(contract, options, source, keyPlace, request.call);
    return asJson(reply.code(202).header("location", `/jobs/${created.job_id}`), created);
  };
}
