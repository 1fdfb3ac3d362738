import { SepalError } from "@sepal/schema/sepal-error";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { AccessRules } from "../auth/access-control.ts";
import { isJson } from "./json.ts";

/** A handler of a route: it sends the response, or returns the text to send. */
export type RestHandler = (
  request: FastifyRequest,
  reply: FastifyReply,
) => FastifyReply | string | Promise<FastifyReply | string>;

/** Which bodies a route takes. */
export interface BodyRules {
  /** A `body` is held in memory as a whole, a `file` is processed as it arrives. */
  readonly kind: "body" | "file";
  /** Whether it takes a media type, in lower case and without parameters; empty where the request names none. */
  readonly takes: (type: string) => boolean;
  /** The types in words, for the 415. */
  readonly types: string;
}

const JSON_BODY: BodyRules = {
  kind: "body",
  takes: isJson,
  types: "application/json",
};

/** Bodies of any content type, or none, as clients of the Open Inference Protocol send them. */
export const ANY_BODY: BodyRules = { ...JSON_BODY, takes: () => true };

/** What the gate knows of a route; all of it is decided before a byte of a body is read. */
export interface RouteRules extends AccessRules {
  readonly body: BodyRules;
  /** Longest body in bytes, encoded and decoded; `Infinity` stands for `MAX_BODY_BYTES`. */
  readonly maxBytes: number;
  /** Whether requests are rejected while the backlog of the main thread is full. */
  readonly sheds: boolean;
  /** A fault of a request that only this route knows, such as a method its procedure does not take. */
  readonly fault?: (request: FastifyRequest) => SepalError | undefined;
  /** Its path, such as `/models/:model_name`: the label of metrics, spans and log lines. */
  readonly url: string;
  /** Name of the parameter that its path ends with, where it ends with one. */
  readonly lastParameter?: string | undefined;
  /** The methods it takes, where it is declared for more than those. */
  readonly methods?: readonly string[];
}

declare module "fastify" {
  interface FastifyRequest {
    /** Those of its route, as every hook finds them; absent where there is no route. */
    rules: RouteRules | undefined;
  }
  interface FastifyContextConfig extends Partial<RouteRules> {
    /** The same with the defaults, as the gate reads them. */
    rules?: RouteRules;
  }
}

/**
 * Longest body of a route by default: a prediction takes 200 bytes; the main thread parses 64 KiB of the
 * worst JSON in 3 ms, 16 MiB in 1.4 s.
 */
export const SMALL_BODY_BYTES = 65_536;

/** Route option: everyone may call, whatever keys and quotas there are. */
export const OPEN = { config: { access: "open" } } as const;

interface Path {
  readonly methods: Set<string>;
  /** Matches the paths of the route. */
  readonly pattern: RegExp;
}

/** The routes of the server: the methods of each path, and the rules of each route. */
export class RouteTable {
  readonly #app: FastifyInstance;
  readonly #paths = new Map<string, Path>();
  #rejecting = false;

  /** Collects the routes that are declared from here on, and completes the rules of each with the defaults. */
  constructor(app: FastifyInstance, maxBodyBytes: number) {
    this.#app = app;
    const defaults = {
      access: "known" as const,
      body: JSON_BODY,
      maxBytes: Math.min(SMALL_BODY_BYTES, maxBodyBytes),
      cost: () => 1,
      sheds: false,
    };
    app.addHook("onRoute", (route) => {
      const lastParameter = /:(\w+)$/.exec(route.url)?.[1];
      const rules: RouteRules = { ...defaults, ...route.config, url: route.url, lastParameter };
      const maxBytes = rules.maxBytes === Infinity ? maxBodyBytes : rules.maxBytes;
      route.config = { ...route.config, rules: { ...rules, maxBytes } };
      if (this.#rejecting) return;
      const path = this.#paths.get(route.url) ?? {
        methods: new Set<string>(),
        pattern: pattern(route.url),
      };
      for (const name of rules.methods ?? [route.method].flat()) path.methods.add(name);
      this.#paths.set(route.url, path);
    });
  }

  /** Every path, such as `/models/:model_name`, with its methods. */
  *[Symbol.iterator](): Generator<readonly [url: string, methods: ReadonlySet<string>]> {
    for (const [url, { methods }] of this.#paths) yield [url, methods];
  }

  /** The rules of the route that a request has found; `undefined` where there is none. */
  rulesOf({ is404, routeOptions, params }: FastifyRequest): RouteRules | undefined {
    if (is404) return undefined;
    const { rules } = routeOptions.config;
    // The router takes `/models/` for a model without a name.
    const last = rules?.lastParameter;
    return last !== undefined && Object(params)[last] === "" ? undefined : rules;
  }

  /**
   * Where a GET of a path with a slash too many belongs, relative to it, so that it holds behind a proxy that strips a
   * prefix; `undefined` where the path without the slash has no such route.
   */
  withoutSlash({ method, url }: FastifyRequest): string | undefined {
    if (method !== "GET" && method !== "HEAD") return undefined;
    const [, path = "", name = "", query = ""] = /^(.*\/([^/?]+))\/(\?.*)?$/.exec(url) ?? [];
    if (path === "") return undefined;
    for (const { methods, pattern: matches } of this.#paths.values()) {
      if (methods.has("GET") && matches.test(path)) return `../${name}${query}`;
    }
    return undefined;
  }

  /** Declares on every path so far the methods it does not take, so that the router distinguishes them from unknown paths. */
  rejectOtherMethods(): void {
    this.#rejecting = true;
    for (const [url, methods] of this) {
      const others = this.#app.supportedMethods.filter((method) => !methods.has(method));
      if (others.length === 0) continue;
      const fault = () => methodNotAllowed(methods);
      this.#app.route({
        method: others,
        url,
        config: { access: "open", fault },
        handler() {
          throw fault();
        },
      });
    }
    this.#rejecting = false;
  }

  /** The failure of a request without a route: `method_not_allowed` where its method is one of those the router does not know. */
  unrouted({ method, url }: FastifyRequest): SepalError {
    if (!this.#app.supportedMethods.includes(method)) {
      const [path = ""] = url.split("?", 1);
      for (const { methods, pattern: matches } of this.#paths.values()) {
        if (matches.test(path)) return methodNotAllowed(methods);
      }
    }
    return new SepalError("not_found", "there is no such route");
  }
}

function pattern(url: string): RegExp {
  const escaped = url.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`^${escaped.replaceAll(/:\w+/g, "[^/]+")}$`);
}

/** The failure of a method that a path does not take. */
export function methodNotAllowed(methods: Iterable<string>): SepalError {
  const allow = [...methods].join(", ");
  return new SepalError("method_not_allowed", `this route takes ${allow}`, { headers: { allow } });
}
