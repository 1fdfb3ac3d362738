import type { InferenceObserver } from "@sepal/model/session/inference-observer";
import type { SepalError } from "@sepal/schema/sepal-error";
import { unavailable } from "@sepal/schema/unavailable";
import type { ServerResponse } from "node:http";
import { Gauge, type Registry } from "prom-client";
import { counted } from "../observability/metrics/inference-metrics.ts";
import { SMALL_BODY_BYTES } from "./route-table.ts";

/** Bytes of the budget that one request holds until its response is sent. */
export interface BodyLease {
  /** Raises what the request holds to so many bytes; fails with `unavailable` where the budget has no room. */
  raise(bytes: number): SepalError | undefined;
}

interface BudgetOptions {
  /** Bytes of all bodies at once. */
  readonly maxBytes: number;
  readonly observer: Pick<InferenceObserver, "rejected"> | undefined;
  readonly register: Registry;
}

/**
 * Bounds the bytes of all request bodies that are received or worked on. Bodies of up to 64 KiB are not counted:
 * `MAX_CONNECTIONS` bounds them.
 */
export class BodyBudget {
  readonly #options: BudgetOptions;
  #held = 0;

  constructor(options: BudgetOptions) {
    this.#options = options;
    const held = () => this.#held;
    new Gauge({
      name: "http_request_body_bytes",
      help: "Bytes of memory reserved for large request bodies",
      registers: [options.register],
      collect() {
        this.set(held());
      },
    });
  }

  /** A lease of nothing yet; given back when the response is sent or the connection ends. A body alone may take all. */
  lease(response: ServerResponse): BodyLease {
    let own = 0;
    return {
      raise: (bytes) => {
        if (bytes <= Math.max(own, SMALL_BODY_BYTES)) return undefined;
        const { maxBytes, observer } = this.#options;
        const others = this.#held - own;
        if (others > 0 && others + bytes > maxBytes) {
          return counted(
            unavailable("too many large bodies at once", { reason: "bodies" }),
            observer,
          );
        }
        if (own === 0) response.once("close", () => (this.#held -= own));
        this.#held += bytes - own;
        own = bytes;
        return undefined;
      },
    };
  }
}
