import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { parse } from "node:querystring";
import type { Socket } from "node:net";
import { pipeline, type Readable } from "node:stream";
import type { CallContext, Services } from "../context.ts";
import {
  readTraceparent,
  writeTraceparent,
  type TraceParent,
} from "../observability/tracing/traceparent.ts";
import type { BodyLease } from "./body-budget.ts";
import type { Proxies } from "./proxies.ts";
import type { FoundRoute, PathParameters, Route } from "./route-table.ts";

const REQUEST_ID = /^[\w.:-]{1,128}$/;

/** The client's own request id where it is harmless, else a new one. */
function requestId(given: string | string[] | undefined): string {
  return typeof given === "string" && REQUEST_ID.test(given) ? given : randomUUID();
}

/** Content of a response: a text, bytes, or a stream whose length is in its headers or not known. */
export type Content = string | Uint8Array | Readable;

type HeaderValue = string | number;

/** The head of a response that is not sent yet: an exchange's, or that of a Fastify reply. */
export interface ResponseHead {
  header(name: string, value: HeaderValue): unknown;
  getHeader(name: string): HeaderValue | string[] | undefined;
  removeHeader(name: string): unknown;
}

const EXCHANGE = Symbol("exchange");

interface Carrier extends IncomingMessage {
  [EXCHANGE]?: Exchange;
}

/** The exchange that a request of Node's belongs to. */
export function exchangeOf(raw: IncomingMessage): Exchange {
  const { [EXCHANGE]: exchange }: Carrier = raw;
  if (exchange === undefined) throw new Error("the request did not come through the host");
  return exchange;
}

/** What the exchanges of a host share. */
export interface ExchangeOptions {
  readonly services: Services;
  readonly proxies: Proxies;
  /** Whether the requests are the server's own, which the metrics of its models leave out. */
  readonly rehearsal: boolean;
}

const uncertain = new WeakSet<Socket>();

/** Whether there ever was one: until then a request costs one comparison. */
let some = false;

/** Serves no further request of a connection, whatever its client sends. */
export function serveNoMore(socket: Socket): void {
  uncertain.add(socket);
  some = true;
}

/**
 * Whether a request, or one before it on its connection, has no certain end: chunks in HTTP/1.0,
 * which its proxies do not know and take for the next request (RFC 9112, 6.1).
 */
export function isUncertain({ httpVersionMinor, headers, socket }: IncomingMessage): boolean {
  if (httpVersionMinor === 0 && headers["transfer-encoding"] !== undefined) {
    serveNoMore(socket);
  }
  return some && uncertain.has(socket);
}

/**
 * A request and its response, from head to log line: what the gate, the handlers, the error formats and the telemetry
 * work with, whether Fastify has a part in it or not.
 */
export class Exchange implements ResponseHead {
  readonly raw: IncomingMessage;
  readonly response: ServerResponse;
  /** Headers of the request. */
  readonly headers: IncomingMessage["headers"];
  readonly id: string;
  readonly method: string;
  /** Path with query, without `PATH_PREFIX`. */
  readonly url: string;
  readonly route: Route;
  /** Parameters of its path, decoded once. */
  readonly params: PathParameters;
  readonly call: CallContext;
  /** The whole body without its content encoding; absent where there is none, or where it is read as it arrives. */
  body: Buffer | undefined;
  /** What the body may take of the budget of all bodies; absent where it is small. */
  lease: BodyLease | undefined;
  /** What an internal failure was, for the log alone. */
  failure: unknown;
  /** The request's own span; absent where there is no tracing. */
  trace: TraceParent | undefined;
  /** The caller's span where this server keeps none for the request; absent where the request names none. */
  callerTrace: TraceParent | undefined;
  readonly #proxies: Proxies;
  /** Names and values in turn, as `writeHead` takes them without making an object. */
  readonly #head: HeaderValue[];

  constructor(
    raw: IncomingMessage,
    response: ServerResponse,
    { route, params }: FoundRoute,
    { services, proxies, rehearsal }: ExchangeOptions,
  ) {
    const { headers, method = "GET", url = "/" } = raw;
    const id = requestId(headers["x-request-id"]);
    this.raw = raw;
    this.response = response;
    this.headers = headers;
    this.id = id;
    this.method = method;
    this.url = url;
    this.route = route;
    this.params = params;
    this.body = undefined;
    this.lease = undefined;
    this.failure = undefined;
    this.trace = undefined;
    this.callerTrace = undefined;
    this.#proxies = proxies;
    // What calls itself JSON or text is never run as a script or a page.
    this.#head = ["x-request-id", id, "x-content-type-options", "nosniff"];
    const { socket } = raw;
    this.call = {
      probe: rehearsal,
      services,
      requestId: id,
      arrived: performance.now(),
      caller: undefined,
      served: undefined,
      deadline: undefined,
      cancelled: () => socket.destroyed,
    };
    const carrier: Carrier = raw;
    carrier[EXCHANGE] = this;
  }

  /** Passes the caller's span on where this server keeps none of its own. */
  noteCallerTrace(): void {
    const { traceparent } = this.headers;
    if (traceparent === undefined || this.trace !== undefined) return;
    this.callerTrace = readTraceparent(traceparent);
    if (this.callerTrace !== undefined) {
      this.header("traceparent", writeTraceparent(this.callerTrace));
    }
  }

  /** Values of the query by name. */
  get query(): Readonly<Record<string, string | string[] | undefined>> {
    const at = this.url.indexOf("?");
    return at === -1 ? {} : parse(this.url.slice(at + 1));
  }

  /** Addresses of the client and of the trusted proxies in front of the server, from the nearest to the farthest. */
  get addresses(): readonly string[] {
    return this.#proxies.addresses(this.raw);
  }

  /** Address of the client, behind the proxies that are trusted. */
  get ip(): string {
    return this.addresses.at(-1) ?? "";
  }

  /** The host that the client named. */
  get host(): string {
    return this.#proxies.forwarded(this.raw, "x-forwarded-host") ?? this.headers.host ?? "";
  }

  get protocol(): string {
    return this.#proxies.forwarded(this.raw, "x-forwarded-proto") ?? "http";
  }

  getHeader(name: string): HeaderValue | undefined {
    const at = this.#indexOf(name);
    return at === -1 ? undefined : this.#head[at + 1];
  }

  /** Sets a header of the response; names are in lower case. */
  header(name: string, value: HeaderValue): this {
    const at = this.#indexOf(name);
    if (at === -1) this.#head.push(name, value);
    else this.#head[at + 1] = value;
    return this;
  }

  removeHeader(name: string): this {
    const at = this.#indexOf(name);
    if (at !== -1) this.#head.splice(at, 2);
    return this;
  }

  setHeaders(values: Readonly<Record<string, HeaderValue>>): this {
    for (const name in values) {
      const value = values[name];
      if (value !== undefined) this.header(name, value);
    }
    return this;
  }

  /** Sets the response's status; 200 until then. */
  code(status: number): this {
    this.response.statusCode = status;
    return this;
  }

  #indexOf(name: string): number {
    const head = this.#head;
    for (let at = 0; at < head.length; at += 2) if (head[at] === name) return at;
    return -1;
  }

  /** Gives the headers so far to what sends the response in place of this. */
  leaveHead(): void {
    const head = this.#head;
    for (let at = 0; at < head.length; at += 2) {
      this.response.setHeader(String(head[at]), head[at + 1] ?? "");
    }
  }

  /** Sends the response. */
  send(content: Content): void {
    const { response } = this;
    if (typeof content === "string") {
      const length = Buffer.byteLength(content);
      // RFC 9110, 8.6: no length where there is never a body, and of a 304 that of the content it stands for.
      if (response.statusCode !== 204 && response.statusCode !== 304)
        this.header("content-length", length);
      response.writeHead(response.statusCode, this.#head);
      // Without characters beyond ASCII it has the same bytes in both, and these are written faster.
      response.end(content, length === content.length ? "latin1" : "utf8");
      return;
    }
    if (content instanceof Uint8Array) {
      this.header("content-length", content.byteLength);
      response.writeHead(response.statusCode, this.#head);
      response.end(content);
      return;
    }
    response.writeHead(response.statusCode, this.#head);
    pipeline(content, response, () => undefined);
  }
}
