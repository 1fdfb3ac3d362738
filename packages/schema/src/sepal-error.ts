import { ERROR_CODES, type ErrorCode } from "./error-codes.ts";
import type { ValidationDetail } from "./validation-detail.ts";

interface SepalErrorOptions {
  /** Which fields broke which rule; only for `invalid_input`. */
  readonly validation?: ValidationDetail;
  /** Response headers that belong to the failure, such as `allow` or `retry-after`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Distinguishes failures of the same code, such as `queue_full`. */
  readonly reason?: string;
  /** The message without text of the request, where the message repeats some. */
  readonly unquoted?: string | undefined;
  readonly cause?: unknown;
}

/** The one error of Sepal: a code of the table, a message for the caller, never the server's inside. */
export class SepalError extends Error {
  readonly code: ErrorCode;
  readonly validation: ValidationDetail | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly reason: string | undefined;
  readonly unquoted: string | undefined;

  constructor(code: ErrorCode, message: string, options: SepalErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.name = "SepalError";
    this.code = code;
    this.validation = options.validation;
    this.headers = options.headers ?? {};
    this.reason = options.reason;
    this.unquoted = options.unquoted;
  }

  /** The same failure without any value of the request: neither as `input` of an entry nor in the message. */
  withoutInput(): SepalError {
    const { validation, headers, reason, cause, unquoted } = this;
    if (validation === undefined && unquoted === undefined) return this;
    return new SepalError(this.code, unquoted ?? this.message, {
      headers,
      cause,
      ...(reason !== undefined && { reason }),
      ...(validation !== undefined && {
        validation: {
          ...validation,
          entries: validation.entries.map(({ type, loc, msg }) => ({ type, loc, msg })),
        },
      }),
    });
  }

  /** HTTP status on REST and tRPC. */
  get status(): number {
    return ERROR_CODES[this.code].status;
  }
}
