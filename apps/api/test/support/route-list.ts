import type { RouteTable } from "../../src/http/route-table.ts";

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** Every path of a server, such as `/models/:model_name`, with every method, whether it takes it or not. */
export function listRoutes(routes: RouteTable) {
  return [...routes].flatMap(([url]) => METHODS.map((method) => ({ method, url })));
}
