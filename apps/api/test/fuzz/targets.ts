import { createEndpoints } from "../../src/endpoints/endpoints.ts";
import { createRouter } from "../../src/endpoints/trpc-router.ts";
import { send } from "../support/json-request.ts";

/** A body that a route is documented to take, or `undefined` where it takes none. */
export interface DocumentedBody {
  readonly type: string;
  readonly example: unknown;
}

/** A route or a procedure to send requests to. */
export interface FuzzTarget {
  readonly method: string;
  /** With `{name}` for each parameter. */
  readonly path: string;
  readonly bodies: readonly DocumentedBody[];
}

interface Operation {
  readonly requestBody?: { readonly content?: Readonly<Record<string, { example?: unknown }>> };
}

const METHODS = new Set(["get", "post", "put", "patch", "delete"]);

function routes(paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>) {
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([method]) => METHODS.has(method))
      .map(([method, { requestBody }]): FuzzTarget => {
        const bodies = Object.entries(requestBody?.content ?? {});
        return {
          method: method.toUpperCase(),
          path,
          bodies: bodies.map(([type, { example }]) => ({ type, example })),
        };
      }),
  );
}

/** Procedures with the body of the route that wraps the same operation, or any; mounted contracts have those of any other. */
function procedures(known: readonly FuzzTarget[], mounted: readonly string[]): FuzzTarget[] {
  const bodies = known
    .flatMap((target) => target.bodies)
    .filter(({ type }) => type.includes("json"));
  const compiled = Object.entries<unknown>(createRouter(createEndpoints())._def.procedures);
  const others = compiled
    .filter(([name]) => name.startsWith("penguins."))
    .flatMap(([name, procedure]) =>
      mounted.map((contract) => [name.replace("penguins", contract), procedure] as const),
    );
  return [...compiled, ...others].map(([name, procedure]) => {
    const mutation = Object(Object(procedure)._def).type === "mutation";
    const route = `/${name.replaceAll(".", "/").replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    const own = known.find(({ path }) => path === route)?.bodies ?? [];
    return {
      method: mutation ? "POST" : "GET",
      path: `/trpc/${name}`,
      bodies: mutation ? (own.length > 0 ? own : bodies) : [],
    };
  });
}

/** Everything there is to send requests to: the routes of the document and the procedures of the router. */
export async function fuzzTargets(url: string, mounted: readonly string[]): Promise<FuzzTarget[]> {
  const { body } = await send(`${url}/openapi.json`);
  const described = routes(body.paths);
  return [...described, ...procedures(described, mounted)];
}
