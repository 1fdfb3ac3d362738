import { TRPCClientError, type TRPCLink } from "@trpc/client";
import { observable } from "@trpc/server/observable";
import type { AppRouter } from "@sepal/api/router";
import { toFailure, type FailureKind } from "./failure.ts";
import type { LocalCall, LocalModels } from "./local-models.ts";
import type { ClientOptions } from "./options.ts";

function localCall(path: string): LocalCall | undefined {
  const parts = path.split(".");
  const procedure = parts.pop();
  if (procedure !== "predict" && procedure !== "predictBatch") return undefined;
  return parts.length > 1 ? undefined : { contract: parts[0], procedure };
}

/** Failures of a server that is gone or full; all others are what the server has to say. */
const SERVER_IS_AWAY: ReadonlySet<FailureKind> = new Set(["unreachable", "timeout", "unavailable"]);

/**
 * Computes predictions here while the server is away, with the model that it last served with, and says in each
 * prediction who computed it.
 */
export function localLink(options: ClientOptions): TRPCLink<AppRouter> {
  return () => {
    let models: Promise<LocalModels> | undefined;
    // Loaded with the first prediction: validation and evaluator are of no use before.
    const load = () =>
      (models ??= import("./local-models.ts").then((module) => new module.LocalModels(options)));
    return ({ op, next }) => {
      const call = localCall(op.path);
      if (call === undefined) return next(op);
      return observable((observer) => {
        const computeHere = async (error: TRPCClientError<AppRouter>) => {
          try {
            const data = await (await load()).compute(call, op.input);
            if (data === undefined) {
              observer.error(error);
              return;
            }
            observer.next({ result: { type: "data", data } });
            observer.complete();
          } catch (cause) {
            observer.error(TRPCClientError.from(cause instanceof Error ? cause : error));
          }
        };
        const running = next(op).subscribe({
          next(value) {
            if (!("data" in value.result)) return observer.next(value);
            const data = { ...Object(value.result.data), computed_by: "server" };
            const learn = async () => (await load()).learn(call, op.input, data);
            // Without its module nothing is learnt, and a later failure is the server's.
            void learn().catch(() => undefined);
            observer.next({ ...value, result: { ...value.result, data } });
          },
          complete: () => observer.complete(),
          error(error) {
            if (!SERVER_IS_AWAY.has(toFailure(error).kind)) {
              observer.error(error);
              return;
            }
            void computeHere(error);
          },
        });
        return () => running.unsubscribe();
      });
    };
  };
}
