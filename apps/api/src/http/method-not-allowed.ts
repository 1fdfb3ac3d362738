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

/** The failure of a method that a path does not take. */
export function methodNotAllowed(methods: Iterable<string>): SepalError {
  const allow = [...methods].join(", ");
  return new SepalError("method_not_allowed", `this route takes ${allow}`, { headers: { allow } });
}

/** The methods that a path takes, or `undefined` where no route has it; slow, for paths that were not found. */
export function methodsOf(routes: RouteTable, path: string): Iterable<string> | undefined {
  // tRPC's own adapter is mounted for every method.
  if (path.startsWith("/trpc/")) return ["GET", "POST"];
  for (const [url, methods] of routes) {
    const pattern = url.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll(/:\w+/g, "[^/]+");
    if (new RegExp(`^${pattern}$`).test(path)) return methods;
  }
  return undefined;
}

/** Answers 405 with `Allow` on every collected path for the methods it does not take. */
export function refuseOtherMethods(app: FastifyInstance, routes: RouteTable): void {
  for (const [url, methods] of routes) {
    const others = app.supportedMethods.filter((method) => !methods.has(method));
    if (url.includes("*") || others.length === 0) continue;
    const refuse = () => {
      throw methodNotAllowed(methods);
    };
    app.route({
      method: others,
      url,
      config: { refusal: true },
      // Before the body is read: its type and size do not matter here.
      onRequest: (_request, _reply, done) => done(methodNotAllowed(methods)),
      handler: refuse,
    });
  }
}
