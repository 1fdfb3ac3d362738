import { createHash } from "node:crypto";
import type { FileFormat } from "@sepal/model/scoring/file-format";
import type { Contract } from "@sepal/schema/define-contract";
import { jobCreated, jobRequest, type JobCreated, type JobRequest } from "@sepal/schema/job";
import type { ModelChoice } from "@sepal/schema/predict";
import { abandoned } from "@sepal/model/batching/backlog";
import type { Charset } from "@sepal/schema/predict-file";
import { OtherOrderError } from "../jobs/job-store.ts";
import { clientOf, jobDesk } from "./jobs.ts";
import { invalidField, type Operation } from "./operation.ts";
import { noteServed } from "../observability/served.ts";
import type { CallContext } from "../context.ts";
import { selectModel } from "./select-model.ts";

/** What a client asks for besides the file itself. */
interface JobOptions extends ModelChoice {
  readonly format: FileFormat;
  readonly charset?: Charset;
  readonly strict?: boolean | null | undefined;
  readonly spreadsheet?: boolean | null | undefined;
  readonly idempotency_key?: string | undefined;
}

/** Fails with `invalid_input` where JSON lines are to be safe for spreadsheets, which do not read them. */
export function assertSpreadsheet(format: FileFormat, spreadsheet: boolean): void {
  if (format === "csv" || !spreadsheet) return;
  throw invalidField(["query", "spreadsheet"], "spreadsheet applies to CSV files", "true");
}

/** A file to be stored. */
interface JobSource {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Its length, or a little more; absent where it is not known. */
  readonly declared: number | undefined;
}

/** What tells an order from another one: the file and all that is done with it, as the client asked for it. */
function fingerprint(contract: Contract, sha256: string, options: JobOptions): string {
  const { format, charset = "utf-8", strict, spreadsheet } = options;
  const model = [options.model_name ?? null, options.model_version ?? null];
  const order = [sha256, contract.name, format, ...model, strict ?? false];
  // An order without these is the one that it was before there were any.
  if (charset !== "utf-8" || spreadsheet === true) order.push(charset, spreadsheet ?? false);
  return createHash("sha256").update(JSON.stringify(order)).digest("hex");
}

/**
 * Stores a file and queues the job that scores it with the model that is asked for now.
 *
 * Fails as the model's choice does, with `too_large`, with `invalid_input` when the idempotency key is another
 * order's, and with `unavailable` when too many jobs wait or the disk is full.
 */
export async function submitJob(
  contract: Contract,
  options: JobOptions,
  { bytes, declared }: JobSource,
  keyPlace: readonly string[],
  context: CallContext,
): Promise<JobCreated> {
  assertSpreadsheet(options.format, options.spreadsheet === true);
  const { name: model, version } = selectModel(contract, options, context);
  const desk = jobDesk(context);
  const input = await desk.receive(bytes, declared);
  const nobody = abandoned(context, performance.now());
  if (nobody !== undefined) {
    await desk.discard(input);
    throw nobody;
  }
  const { format, charset = "utf-8", idempotency_key: key } = options;
  const idempotency = key && { key, fingerprint: fingerprint(contract, input.sha256, options) };
  const order = {
    client: clientOf(context),
    format,
    charset,
    spreadsheet: options.spreadsheet ?? false,
    contract: contract.name,
    model,
    version,
    strict: options.strict ?? false,
    idempotency: idempotency || undefined,
  };
  const job = await desk.create(input, order).catch((error: unknown) => {
    if (!(error instanceof OtherOrderError)) throw error;
    const msg = "The key was used for another file or other parameters";
    throw invalidField(keyPlace, msg, key);
  });
  noteServed(context, { model, version, rows: 0 });
  return { job_id: job.id, status: job.status };
}

/** Queues a job for a file that comes as a text. */
export function createJobOperation(contract: Contract) {
  return {
    input: jobRequest,
    output: jobCreated,
    run({ data, ...options }: JobRequest, context: CallContext) {
      const file = Buffer.from(data);
      const pieces = async function* () {
        yield file;
      };
      const source = { bytes: pieces(), declared: file.byteLength };
      return submitJob(contract, options, source, ["body", "idempotency_key"], context);
    },
  } satisfies Operation<JobRequest, JobCreated>;
}
