import * as z from "zod";
import { webSettings } from "../settings.ts";

const METHODS = ["get", "post", "put", "patch", "delete"] as const;

const operation = z.object({
  summary: z.string().catch(""),
  tags: z.array(z.string()).catch([]),
  requestBody: z.unknown().optional(),
});

const openapiDocument = z.object({
  paths: z.record(z.string(), z.record(z.string(), z.unknown())),
});

/** One operation of the API, as its document describes it. */
interface ApiOperation {
  readonly method: (typeof METHODS)[number];
  readonly path: string;
  readonly summary: string;
  /** Other paths that do the same. */
  readonly aliases: readonly string[];
}

/** The API's operations by tag; `off` when it serves no document, `down` when it does not respond. */
export type ApiOperations =
  | { readonly state: "off" | "down" }
  | {
      readonly state: "on";
      readonly groups: readonly (readonly [string, readonly ApiOperation[]])[];
    };

/** What two paths of one operation have in common: what they do, and the body and parameters that they take. */
function identity(
  method: string,
  path: string,
  { summary, requestBody }: z.infer<typeof operation>,
) {
  const parameters = [...path.matchAll(/\{\w+\}/g)].join(" ");
  return JSON.stringify([method, summary, parameters, requestBody]);
}

/** The operations of a document by tag, each once: where several paths do the same, at the first, with the others as aliases. */
export function groupOperations(document: unknown): ApiOperations {
  const { data } = openapiDocument.safeParse(document);
  if (data === undefined) return { state: "off" };
  const found = new Map<string, { tag: string; operation: ApiOperation; aliases: string[] }>();
  for (const [path, item] of Object.entries(data.paths)) {
    for (const method of METHODS) {
      const { data: parsed } = operation.safeParse(item[method]);
      if (parsed === undefined) continue;
      const key = identity(method, path, parsed);
      const known = found.get(key);
      if (known !== undefined) {
        known.aliases.push(path);
        continue;
      }
      const aliases: string[] = [];
      found.set(key, {
        tag: parsed.tags[0] ?? "other",
        operation: { method, path, summary: parsed.summary, aliases },
        aliases,
      });
    }
  }
  const groups = Map.groupBy(found.values(), ({ tag }) => tag);
  return {
    state: "on",
    groups: [...groups].map(([tag, list]) => [tag, list.map((each) => each.operation)] as const),
  };
}

/** Reads the operations from the API's OpenAPI document. */
export async function apiOperations(): Promise<ApiOperations> {
  try {
    const response = await fetch(`${webSettings().API_URL}/openapi.json`, {
      cache: "no-store",
      // Wide contracts make a large document: 1.5 MB for one of 1,000 features.
      signal: AbortSignal.timeout(15_000),
    });
    return response.ok ? groupOperations(await response.json()) : { state: "off" };
  } catch {
    return { state: "down" };
  }
}
