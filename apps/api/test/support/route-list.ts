import type { FastifyInstance } from "fastify";

/** One route as the router has it. */
export interface ListedRoute {
  readonly method: string;
  /** Template, such as `/models/:model_name`. */
  readonly url: string;
}

/** Every route of a server, read from the router's own printed tree. */
export function listRoutes(app: FastifyInstance): ListedRoute[] {
  const above: string[] = [];
  return app
    .printRoutes({ commonPrefix: false })
    .split("\n")
    .flatMap((line) => {
      const [, indent = "", branch, part = "", methods = ""] =
        /^([ │]*)([├└]── )?(\S+)(?: \(([A-Z, -]+)\))?/.exec(line) ?? [];
      // A line without a branch is the one above once more, under another constraint.
      const depth = indent.length / 4 - (branch === undefined ? 1 : 0);
      above.splice(depth, above.length, part);
      if (methods === "") return [];
      const url = `/${above.join("").replace(/^\/+/, "")}`;
      return methods.split(", ").map((method) => ({ method, url }));
    });
}
