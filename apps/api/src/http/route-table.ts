import findMyWay from "find-my-way";
import { SepalError } from "@sepal/schema/sepal-error";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { CallContext } from "../context.ts";
import type { Access } from "../auth/access-control.ts";
import type { ErrorFormat } from "../errors/error-formats.ts";
import type { Content, Exchange } from "./exchange.ts";
import { isJson } from "./json.ts";

/** Responds to a request whose body is there, with the content of the response. */
export type JsonHandler = (exchange: Exchange) => Content | Promise<Content>;

/** A handler in Fastify: it sends the response, or returns the text to send. */
export type BytesHandler = (
  request: FastifyRequest,
  reply: FastifyReply,
) => FastifyReply | string | Promise<FastifyReply | string>;

declare module "fastify" {
  interface FastifyRequest {
    readonly exchange: Exchange;
    /** That of the exchange. */
    readonly call: CallContext;
  }
}

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
export interface RouteRules {
  /** `known` by default; a function where it depends on the request. */
  readonly access: Access | ((exchange: Exchange) => Access);
  /** Calls that a request counts against the caller's quota. */
  readonly cost: (exchange: Exchange) => number;
  readonly body: BodyRules;
  /** Longest body in bytes, encoded and decoded; `Infinity` stands for `MAX_BODY_BYTES`. */
  readonly maxBytes: number;
  /** Whether requests are rejected while the backlog of the main thread is full. */
  readonly sheds: boolean;
  /** Whether orchestrators or scrapers call it every few seconds: such requests are not traced. */
  readonly probe: boolean;
  readonly format: ErrorFormat;
}

/**
 * Longest body of a route by default: a prediction takes 200 bytes; the main thread parses 64 KiB of the
 * worst JSON in 3 ms, 16 MiB in 1.4 s.
 */
export const SMALL_BODY_BYTES = 65_536;

const DEFAULTS: RouteRules = {
  access: "known",
  cost: () => 1,
  body: JSON_BODY,
  maxBytes: SMALL_BODY_BYTES,
  sheds: false,
  probe: false,
  format: "rest",
};

/** What stands behind a method and a path. */
interface Served {
  /** Fails where the handler should not run, once the body is there. */
  readonly check?: ((exchange: Exchange) => void) | undefined;
  /** Takes the body as a whole and gives the content of the response. */
  readonly respond?: JsonHandler | undefined;
  /** Reads its body or sends its response itself, in Fastify. */
  readonly handler?: BytesHandler | undefined;
  /** Whether `respond` is for a request, by its head, where there are both; absent, it is. */
  readonly takes?: ((exchange: Exchange) => boolean) | undefined;
}

/** A route as it is declared. */
export interface RouteEntry extends Served {
  readonly methods: readonly string[];
  /** Methods that its handler decides on by itself; neither in the index nor in `allow`. */
  readonly furtherMethods?: readonly string[];
  /** Such as `/models/:model_name`: the label of metrics, spans and log lines. */
  readonly url: string;
  readonly rules?: Partial<RouteRules> | undefined;
  /** Why it serves no request; its body is not even read. */
  readonly fault?: () => SepalError;
  /** What `allow` names where that depends on the request. */
  readonly allow?: (params: PathParameters) => readonly string[];
}

/** A route as a request finds it. */
export interface Route extends Served {
  /** `none` where there is no such route. */
  readonly url: string;
  readonly rules: RouteRules;
  /** Why it serves no request, such as a method that it does not take. */
  readonly fault?: (params: PathParameters) => SepalError;
}

/** Parameters of a path by name. */
export type PathParameters = Readonly<Record<string, string | undefined>>;

/** A route, and what the path of a request has in the place of its parameters. */
export interface FoundRoute {
  readonly route: Route;
  readonly params: PathParameters;
}

/** One path and what it does for each method. */
interface Path {
  readonly methods: string[];
  readonly routes: Map<string, FoundRoute>;
  /** For the methods that it does not take. */
  readonly other: FoundRoute;
  readonly isTemplate: boolean;
  /** Name of the parameter that it ends with, where it ends with one. */
  readonly last: string | undefined;
}

const NO_PARAMETERS: PathParameters = {};

/** The longest that Node lets a whole head be: the names of 100 tRPC calls stand in one parameter. */
const MAX_PARAM_LENGTH = 16_384;

/** All routes go by this method in the router; which methods a path takes is its own matter. */
const ANY = "GET";

/** The failure of a method that a path does not take. */
function methodNotAllowed(methods: Iterable<string>): SepalError {
  const allow = [...methods].join(", ");
  return new SepalError("method_not_allowed", `this route takes ${allow}`, { headers: { allow } });
}

function pathOf(url: string): string {
  const at = url.indexOf("?");
  return at === -1 ? url : url.slice(0, at);
}

/** The paths of one set of routes; never changed once it is made. */
class Paths {
  readonly all = new Map<string, Path>();
  readonly #router = findMyWay({ maxParamLength: MAX_PARAM_LENGTH, onBadUrl: () => undefined });
  /** Error formats of the routes below each beginning of a path, such as `/v2/models`. */
  readonly #formats = new Map<string, Set<ErrorFormat>>();

  constructor(entries: Iterable<RouteEntry>, maxBodyBytes: number) {
    for (const entry of entries) this.#add(entry, maxBodyBytes);
    for (const [url, path] of this.all) this.#router.on(ANY, url, () => undefined, path);
  }

  #add(entry: RouteEntry, maxBodyBytes: number): void {
    const {
      url,
      methods,
      furtherMethods = [],
      check,
      respond,
      handler,
      takes,
      allow,
      fault,
    } = entry;
    const rules = { ...DEFAULTS, ...entry.rules };
    if (rules.body.kind === "body") rules.maxBytes = Math.min(rules.maxBytes, maxBodyBytes);
    const route: Route = { url, rules, check, respond, handler, takes, ...(fault && { fault }) };
    let path = this.all.get(url);
    if (path === undefined) {
      const taken: string[] = [];
      const notAllowed = (params: PathParameters) => methodNotAllowed(allow?.(params) ?? taken);
      path = {
        methods: taken,
        routes: new Map(),
        other: { route: { ...unserved(rules.format, notAllowed), url }, params: NO_PARAMETERS },
        isTemplate: url.includes(":"),
        last: /:(\w+)$/.exec(url)?.[1],
      };
      this.all.set(url, path);
    }
    const listed = methods.includes("GET") && allow === undefined ? [...methods, "HEAD"] : methods;
    path.methods.push(...listed);
    const found = { route, params: NO_PARAMETERS };
    for (const method of [...listed, ...furtherMethods]) path.routes.set(method, found);
    for (const begin of beginnings(url)) {
      const formats = this.#formats.get(begin) ?? new Set();
      this.#formats.set(begin, formats.add(rules.format));
    }
  }

  /** What serves a method of a path; `undefined` where there is no such path. */
  find(method: string, url: string): FoundRoute | undefined {
    const path = this.all.get(pathOf(url));
    // Most requests are for a path without parameters, written as it is declared.
    if (path?.isTemplate === false) return path.routes.get(method) ?? path.other;
    const found = this.#router.find(ANY, url);
    if (found === null) return undefined;
    if (found.store === null) {
      return { route: unserved(this.formatOf(url), badUrl), params: NO_PARAMETERS };
    }
    const { params, store }: { params: PathParameters; store: Path } = found;
    // The router takes `/models/` for a model without a name.
    if (store.last !== undefined && params[store.last] === "") return undefined;
    return { route: (store.routes.get(method) ?? store.other).route, params };
  }

  /** The error format of a path that there is not: that of all the routes below its longest known beginning. */
  formatOf(url: string): ErrorFormat {
    for (const begin of beginnings(pathOf(url)).toReversed()) {
      const formats = this.#formats.get(begin);
      if (formats === undefined) continue;
      const [first = "rest"] = formats;
      return formats.size === 1 ? first : "rest";
    }
    return "rest";
  }
}

/** The beginnings of a path in whole segments: of `/v2/models` these are `/v2` and `/v2/models`. */
function beginnings(path: string): string[] {
  const segments = path.split("/").filter((segment) => segment !== "");
  return segments.map((_, index) => `/${segments.slice(0, index + 1).join("/")}`);
}

/** A route that serves no request. */
function unserved(format: ErrorFormat, fault: (params: PathParameters) => SepalError): Route {
  return { url: "none", rules: { ...DEFAULTS, access: "open", format }, fault };
}

const notFound = () => new SepalError("not_found", "there is no such route");

const badUrl = () => new SepalError("malformed_request", "the path is not valid URL encoding");

/** The routes of the server by method and path; all are replaced in one step. */
export class RouteTable {
  readonly #maxBodyBytes: number;
  #paths: Paths;

  constructor(maxBodyBytes: number) {
    this.#maxBodyBytes = maxBodyBytes;
    this.#paths = new Paths([], maxBodyBytes);
  }

  /** Puts routes in place of those before; requests that have found theirs keep it. */
  replace(entries: Iterable<RouteEntry>): void {
    this.#paths = new Paths(entries, this.#maxBodyBytes);
  }

  /** Every path, such as `/models/:model_name`, with its methods. */
  *[Symbol.iterator](): Generator<readonly [url: string, methods: readonly string[]]> {
    for (const [url, { methods }] of this.#paths.all) yield [url, methods];
  }

  /** The route of a request; where there is none, one that says so in the error format of the routes beside it. */
  find(method: string, url: string): FoundRoute {
    const found = this.#paths.find(method, url);
    if (found !== undefined) return found;
    const location = this.#withoutSlash(method, url);
    const route =
      location === undefined ? unserved(this.#paths.formatOf(url), notFound) : redirect(location);
    return { route, params: NO_PARAMETERS };
  }

  /**
   * Where a GET of a path with a slash too many belongs, relative to it, so that it holds behind a proxy that strips a
   * prefix; `undefined` where the path without the slash has no such route.
   */
  #withoutSlash(method: string, url: string): string | undefined {
    if (method !== "GET" && method !== "HEAD") return undefined;
    const path = pathOf(url);
    if (path.length < 2 || !path.endsWith("/") || path.endsWith("//")) return undefined;
    const wanted = path.slice(0, -1);
    const found = this.#paths.find(method, wanted);
    if (found === undefined || found.route.fault !== undefined) return undefined;
    return `../${wanted.slice(wanted.lastIndexOf("/") + 1)}${url.slice(path.length)}`;
  }
}

function redirect(location: string): Route {
  return {
    url: "none",
    rules: { ...DEFAULTS, access: "open" },
    respond(exchange) {
      exchange.code(308).header("location", location);
      return "";
    },
  };
}
