import { SepalError } from "@sepal/schema/sepal-error";
import type { FastifyInstance } from "fastify";

/** Routes by path, with the methods each takes. */
export type RouteTable = ReadonlyMap<string, ReadonlySet<string>>;

/** Collects the routes that are declared from here on. */
export function collectRoutes(app: FastifyInstance): RouteTable {
  const routes = new Map<string, Set<string>>();
  app.addHook("onRoute", ({ url, method, config }) => {
    if (config?.refusal === true) return;
    const methods = routes.get(url) ?? new Set();
    for (const name of [method].flat()) methods.add(name);
    routes.set(url, methods);
  });
  return routes;
}

declare module "fastify" {
  interface FastifyContextConfig {
    /** Whether the route only says which methods the path takes. */
    refusal?: boolean;
  }
}

/** Answers 405 with `Allow` on every collected path for the methods it does not take. */
export function refuseOtherMethods(app: FastifyInstance, routes: RouteTable): void {
  for (const [url, methods] of routes) {
    const others = app.supportedMethods.filter((method) => !methods.has(method));
    if (url.includes("*") || others.length === 0) continue;
    const allow = [...methods].join(", ");
    const refuse = () => {
      throw new SepalError("method_not_allowed", `this route takes ${allow}`, {
        headers: { allow },
      });
    };
    app.route({
      method: others,
      url,
      config: { refusal: true },
      // Before the body is read: its type and size do not matter here.
      onRequest: (_request, _reply, done) => {
        try {
          refuse();
        } catch (error) {
          done(error instanceof Error ? error : undefined);
        }
      },
      handler: refuse,
    });
  }
}
