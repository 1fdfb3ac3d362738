import { SepalError } from "@sepal/schema/sepal-error";
import type { FastifyInstance, FastifyRequest, onRequestHookHandler } from "fastify";
import type { Authenticator } from "./authenticator.ts";

/** Whom a route lets in: everybody, any known caller, or admins. */
type Access = "open" | "known" | "admin";

/** Route option: everybody is let in, whatever keys there are. */
export const OPEN = { config: { access: "open" } } as const;

/** Route option: admins alone are let in. */
export const ADMIN = { config: { access: "admin" } } as const;

const TRPC_PATH = "/trpc/:path";

function identify(request: FastifyRequest, authenticator: Authenticator, access: Access): void {
  const caller = authenticator.identify(request.headers);
  request.call.caller = caller.id;
  if (access === "admin" && !caller.admin) {
    throw new SepalError("forbidden", "an admin key is needed");
  }
}

/** Whether every procedure that a tRPC request names is open. */
function namesOpenProcedures({ params }: FastifyRequest, open: ReadonlySet<string>): boolean {
  const { path } = Object(params);
  return typeof path === "string" && path.split(",").every((name) => open.has(name));
}

/**
 * Guards every route that is declared from here on; one that says nothing lets in known callers
 * only. Where nobody has to say who they are, nothing is added to any route but those of admins.
 */
export function guardRoutes(
  app: FastifyInstance,
  authenticator: Authenticator,
  openProcedures: ReadonlySet<string>,
): void {
  app.addHook("onRoute", (route) => {
    const access = route.config?.access ?? "known";
    if (access === "open" || route.config?.refusal === true) return;
    if (access === "known" && !authenticator.guarded) return;
    const guard: onRequestHookHandler = (request, _reply, done) => {
      try {
        if (route.url !== TRPC_PATH || !namesOpenProcedures(request, openProcedures)) {
          identify(request, authenticator, access);
        }
        return done();
      } catch (error) {
        return done(error instanceof Error ? error : undefined);
      }
    };
    route.onRequest = [guard, ...[route.onRequest ?? []].flat()];
  });
}

declare module "fastify" {
  interface FastifyContextConfig {
    /** Whom the route lets in; absent, known callers where keys are configured. */
    access?: Access;
  }
}
