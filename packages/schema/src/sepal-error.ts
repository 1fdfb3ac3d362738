import { ERROR_CODES, type ErrorCode } from "./error-codes.ts";
import type { ValidationDetail } from "./validation-detail.ts";

interface SepalErrorOptions {
  /** Which fields broke which rule; only for `invalid_input`. */
  readonly validation?: ValidationDetail;
  /** Response headers that belong to the failure, such as `allow` or `retry-after`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** A word that tells failures of the same code apart, such as `queue_full`. */
  readonly reason?: string;
  readonly cause?: unknown;
}

/** The one error of Sepal: a code of the table, a message for the caller, never the server's inside. */
export class SepalError extends Error {
  readonly code: ErrorCode;
  readonly validation: ValidationDetail | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly reason: string | undefined;

  constructor(code: ErrorCode, message: string, options: SepalErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.name = "SepalError";
    this.code = code;
    this.validation = options.validation;
    this.headers = options.headers ?? {};
    this.reason = options.reason;
  }

  /** HTTP status on REST and tRPC. */
  get status(): number {
    return ERROR_CODES[this.code].status;
  }
}
