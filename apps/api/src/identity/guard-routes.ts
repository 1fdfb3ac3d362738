import type { FastifyInstance, FastifyRequest, onRequestHookHandler } from "fastify";
import type { Admission } from "./admission.ts";

const TRPC_PATH = "/trpc/:path";

async function finish(late: Promise<void>, done: (error?: Error) => void): Promise<void> {
  let failure: Error | undefined;
  try {
    await late;
  } catch (error) {
    failure = error instanceof Error ? error : new Error("refused", { cause: error });
  }
  done(failure);
}

/** The procedures that a request to tRPC's own adapter names. */
function procedureNames({ params }: FastifyRequest): string[] {
  const { path } = Object(params);
  return typeof path === "string" ? path.split(",") : [];
}

/**
 * Guards every route that is declared from here on; one that says nothing lets in known callers
 * only. Where nobody has to say who they are and no calls are counted, nothing is added to any
 * route but those of admins.
 */
export function guardRoutes(
  app: FastifyInstance,
  admission: Admission,
  openProcedures: ReadonlySet<string>,
): void {
  app.addHook("onRoute", (route) => {
    const access = route.config?.access ?? "known";
    if (access === "open" || route.config?.refusal === true) return;
    if (access === "known" && !admission.asks) return;
    const trpc = route.url === TRPC_PATH;
    const guard: onRequestHookHandler = (request, reply, done) => {
      let calls = 1;
      if (trpc) {
        const names = procedureNames(request);
        if (names.length > 0 && names.every((name) => openProcedures.has(name))) return done();
        calls = names.length;
      }
      let late: Promise<void> | undefined;
      try {
        late = admission.admit(request, reply, { access, calls });
      } catch (error) {
        return done(error instanceof Error ? error : undefined);
      }
      if (late === undefined) return done();
      return void finish(late, done);
    };
    route.onRequest = [guard, ...[route.onRequest ?? []].flat()];
  });
}
