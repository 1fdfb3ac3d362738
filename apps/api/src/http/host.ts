import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { withoutPrefix } from "@sepal/schema/path-prefix";
import { hasBody, receiveBody } from "./body.ts";
import { compress } from "./compression.ts";
import type { CrossOrigin } from "./cors.ts";
import { failureBody } from "./error-handler.ts";
import { Exchange, type Content, type ExchangeOptions, type ResponseHead } from "./exchange.ts";
import type { Gate } from "./gate.ts";
import type { RouteTable } from "./route-table.ts";
import type { Telemetry } from "./telemetry.ts";

interface HostOptions extends ExchangeOptions {
  readonly routes: RouteTable;
  readonly gate: Gate;
  /** Absent where pages of other origins may not call. */
  readonly crossOrigin: CrossOrigin | undefined;
  readonly telemetry: Telemetry;
  /** Path below which a proxy serves the API. */
  readonly pathPrefix: string | undefined;
}

/**
 * Takes every request from its head to its response: the gate, the body, the handler of its route. Routes that read
 * their body or write their response themselves have their handler in Fastify; what comes before and after it is the same.
 */
export class Host {
  readonly #options: HostOptions;

  constructor(options: HostOptions) {
    this.#options = options;
  }

  /** What Node's server calls for each request; `fastify` takes those that have passed the gate and are for it. */
  listener(fastify: RequestListener): RequestListener {
    return (raw, response) => {
      const exchange = this.#open(raw, response);
      try {
        if (this.#options.crossOrigin?.respond(exchange) === true) return this.#send(exchange, "");
        const waiting = this.#options.gate.admit(exchange);
        if (waiting === undefined) void this.#handle(exchange, fastify);
        else void this.#handleLater(waiting, exchange, fastify);
      } catch (error) {
        this.fail(exchange, error);
      }
    };
  }

  async #handleLater(
    waiting: Promise<void>,
    exchange: Exchange,
    fastify: RequestListener,
  ): Promise<void> {
    try {
      await waiting;
    } catch (error) {
      return this.fail(exchange, error);
    }
    return this.#handle(exchange, fastify);
  }

  #open(raw: IncomingMessage, response: ServerResponse): Exchange {
    const { routes, pathPrefix, telemetry } = this.#options;
    const { method = "GET", url = "/" } = raw;
    if (pathPrefix !== undefined) raw.url = withoutPrefix(url, pathPrefix);
    const found = routes.find(method, raw.url ?? "/");
    const exchange = new Exchange(raw, response, found, this.#options);
    telemetry.follow(exchange);
    return exchange;
  }

  /** Receives the body, where it is not read as it arrives, and responds here or in Fastify, where the route's handler is. */
  async #handle(exchange: Exchange, fastify: RequestListener): Promise<void> {
    const { raw, response, route } = exchange;
    try {
      if (route.rules.body.kind === "body" && hasBody(exchange)) {
        exchange.body = await receiveBody(exchange);
      }
      route.check?.(exchange);
      if (route.respond !== undefined && route.takes?.(exchange) !== false) {
        this.#send(exchange, await route.respond(exchange));
      } else {
        exchange.leaveHead();
        fastify(raw, response);
      }
    } catch (error) {
      this.fail(exchange, error);
    }
  }

  #send(exchange: Exchange, content: Content): void {
    this.complete(exchange, exchange);
    const compressed = compress(exchange, content, exchange);
    if (compressed instanceof Promise) void this.#sendLater(exchange, compressed);
    else exchange.send(compressed ?? content);
  }

  async #sendLater(exchange: Exchange, content: Promise<Content>): Promise<void> {
    try {
      exchange.send(await content);
    } catch (error) {
      exchange.failure ??= error;
      exchange.response.destroy();
    }
  }

  /** Adds what every response has to its head. */
  complete(exchange: Exchange, head: ResponseHead): void {
    this.#options.crossOrigin?.complete(exchange, head);
    this.#options.telemetry.complete(exchange, head);
  }

  /** Sends a failure, or ends a response that has begun. */
  fail(exchange: Exchange, thrown: unknown): void {
    if (exchange.response.headersSent) {
      exchange.failure ??= thrown;
      exchange.response.destroy();
      return;
    }
    this.#send(exchange, failureBody(thrown, exchange));
  }
}
