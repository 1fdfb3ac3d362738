import { SepalError } from "@sepal/schema/sepal-error";
import { initTRPC, TRPCError } from "@trpc/server";
import type { OpenApiMeta } from "trpc-to-openapi";
import { ZodError } from "zod";
import { ERROR_CODES } from "@sepal/schema/error-codes";
import { trpcErrorShape } from "../../errors/error-formats.ts";
import { notJson, publicMessage } from "../../errors/failures.ts";
import type { RouteRules } from "../../http/route-table.ts";
import { invalidInput, type Operation } from "../../operations/operation.ts";
import type { CallContext } from "../../context.ts";

/** What a procedure declares besides its schemas. */
export type ProcedureMeta = OpenApiMeta & {
  /** What the gate has to know of its endpoint. */
  readonly rules?: Partial<RouteRules> | undefined;
  /** What it runs, where it takes and gives one JSON value: such calls need nothing of tRPC's own adapter. */
  readonly operation?: Operation<unknown, unknown>;
  /** The contract of a batch, which a worker thread computes where it is large. */
  readonly batchOf?: string | undefined;
};

/** Interval of a silent stream's heartbeat, in milliseconds. */
const PING_MS = 15_000;

const t = initTRPC
  .context<CallContext>()
  .meta<ProcedureMeta>()
  .create({
    isDev: false,
    sse: {
      // Proxies close what stays silent for a minute.
      ping: { enabled: true, intervalMs: PING_MS },
      client: { reconnectAfterInactivityMs: 3 * PING_MS },
    },
    jsonl: { pingMs: PING_MS },
    errorFormatter({ shape, error, ctx, path }) {
      // Failures of tRPC's own, such as an unknown procedure, keep its code.
      if (!(error.cause instanceof SepalError)) {
        const data = {
          ...shape.data,
          detail: undefined,
          errors_total: undefined,
          errors_cut: undefined,
        };
        return { ...shape, data: { ...data, request_id: ctx?.requestId } };
      }
      const echo = ctx?.services.settings.ECHO_INPUT === true;
      const failure = echo ? error.cause : error.cause.withoutInput();
      return trpcErrorShape(failure, ctx?.requestId ?? "", path);
    },
  });

/** Makes routers. */
export const { router } = t;

/** A procedure whose failures carry the code of the one table; tRPC's own status for a bad input is 400. */
export const procedure = t.procedure.use(async ({ next, getRawInput }) => {
  const result = await next();
  if (result.ok) return result;
  const { cause, code } = result.error;
  if (cause instanceof SepalError) throw asTrpcError(cause);
  if (code === "BAD_REQUEST" && cause instanceof ZodError) {
    throw asTrpcError(invalidInput(cause, await getRawInput()));
  }
  if (cause instanceof SyntaxError) {
    throw asTrpcError(notJson(cause));
  }
  // Of tRPC's own, such as a batch whose input is no object.
  if (code === "BAD_REQUEST") {
    throw asTrpcError(new SepalError("malformed_request", result.error.message));
  }
  throw asTrpcError(new SepalError("internal", "internal error", { cause: result.error }));
});

/** The failure as tRPC carries it; streams need it, for what they throw passes no middleware. */
export function asTrpcError(cause: SepalError): TRPCError {
  return new TRPCError({
    code: ERROR_CODES[cause.code].trpc,
    message: publicMessage(cause),
    cause,
  });
}
