import type { FastifyInstance } from "fastify";
import { Counter, Histogram, type Registry } from "prom-client";
import { DURATION_BUCKETS } from "./buckets.ts";

/** Counts and times every request, under the names of `prometheus-fastapi-instrumentator`. */
export function measureRequests(app: FastifyInstance, register: Registry): void {
  const registers = [register];
  const requests = new Counter({
    name: "http_requests_total",
    help: "Requests answered",
    labelNames: ["handler", "method", "status"],
    registers,
  });
  const duration = new Histogram({
    name: "http_request_duration_seconds",
    help: "Time from the request's head to the end of its reply",
    labelNames: ["handler", "method"],
    buckets: DURATION_BUCKETS,
    registers,
  });
  app.addHook("onResponse", (request, reply, done) => {
    const handler = request.routeOptions.url ?? "none";
    const { method } = request;
    const status = `${Math.floor(reply.statusCode / 100)}xx`;
    requests.inc({ handler, method, status });
    duration.observe({ handler, method }, (performance.now() - request.call.arrived) / 1000);
    done();
  });
}
