import { SHUTTING_DOWN, type Verdict } from "@sepal/model/repository/admission";
import type { RepositoryLoader } from "@sepal/model/repository/repository-loader";
import { packFailure, unpackFailure } from "@sepal/model/workers/worker-pool";
import { unavailable } from "@sepal/schema/unavailable";
import type { Registry } from "prom-client";
import type { RepositoryControl } from "../context.ts";
import type { QuotaGrant, QuotaStore } from "../rate-limit/quota.ts";
import { withTimeout } from "../with-timeout.ts";
import type { RepositoryOrder, RepositoryOutcome, ToPrimary, ToWorker } from "./messages.ts";
import type { Admission } from "./open-probe.ts";
import { SIGN_OF_LIFE_MS } from "./watchdog.ts";

/** Longest wait for the primary and, with `repository`, for all processes, in milliseconds. */
const PATIENCE_MS = { metrics: 2000, quota: 500, repository: 60_000 };

/** Sends a message of this worker to the primary; nothing where there is none, or none any more. */
function sendToPrimary(message: ToPrimary): void {
  if (process.connected) process.send?.(message);
}

function onMessage(listen: (message: ToWorker) => void): void {
  process.on("message", listen);
}

/** Requests of one kind that wait for their response from the primary. */
class PrimaryRequests<T> {
  readonly #waiting = new Map<number, (response: T) => void>();
  #nextId = 0;

  /** Sends a request under an id of its own; the promise settles with the response, and without a timeout waits for ever. */
  async ask(
    message: (id: number) => ToPrimary,
    timeoutMs?: number,
    overdue = "the primary process did not respond",
  ): Promise<T> {
    const id = this.#nextId;
    this.#nextId += 1;
    const response = new Promise<T>((resolve) => this.#waiting.set(id, resolve));
    sendToPrimary(message(id));
    try {
      if (timeoutMs === undefined) return await response;
      return await withTimeout(response, timeoutMs, () => unavailable(overdue));
    } finally {
      this.#waiting.delete(id);
    }
  }

  settle(id: number, response: T): void {
    this.#waiting.get(id)?.(response);
  }

  settleAll(response: T): void {
    for (const settle of this.#waiting.values()) settle(response);
  }
}

/** Reports the metrics of this process to the primary, and returns how to read those of all processes, which fails with `unavailable`. */
export function linkMetrics(register: Registry): () => Promise<string> {
  const requests = new PrimaryRequests<string | null>();
  const report = async (id?: number) => {
    sendToPrimary({ type: "snapshot", id, snapshot: await register.getMetricsAsJSON() });
  };
  onMessage((message) => {
    if (message.type === "snapshot-please") void report(message.id);
    else if (message.type === "metrics") requests.settle(message.id, message.text);
  });
  // Unasked: no more than this is lost of its metrics when it dies.
  setInterval(() => void report(), SIGN_OF_LIFE_MS).unref();
  return async () => {
    const text = await requests.ask((id) => ({ type: "metrics-please", id }), PATIENCE_MS.metrics);
    if (text === null) throw unavailable("the metrics of all processes cannot be summed");
    return text;
  };
}

/** Counts calls in the primary, for all processes; a take fails where the primary does not respond. */
export function linkQuota(): QuotaStore {
  const requests = new PrimaryRequests<QuotaGrant>();
  onMessage((message) => {
    if (message.type === "quota") requests.settle(message.id, message.grant);
  });
  return {
    take: (request) =>
      requests.ask((id) => ({ type: "quota-please", id, request }), PATIENCE_MS.quota),
  };
}

/** Has the primary probe versions, so that each is probed once for all server processes. */
export function linkProbe(): Admission {
  const requests = new PrimaryRequests<Verdict>();
  let closed = false;
  onMessage((message) => {
    if (message.type === "verdict") requests.settle(message.id, message.verdict);
  });
  return {
    async admit(candidate) {
      if (closed) return SHUTTING_DOWN;
      return requests.ask((id) => ({ type: "probe-please", id, candidate }));
    },
    close() {
      closed = true;
      requests.settleAll(SHUTTING_DOWN);
    },
  };
}

async function carryOut(
  loader: RepositoryLoader,
  { action, model, stamp }: RepositoryOrder,
): Promise<RepositoryOutcome> {
  try {
    if (action === "unload") return { stamp: await loader.unloadModel(model, stamp) };
    await loader.loadModel(model);
    return {};
  } catch (error) {
    return { failure: packFailure(error) };
  }
}

/** Carries out the orders of the primary, and hands on to it what this process is asked, so that all processes follow. */
export function linkRepository(loader: RepositoryLoader): RepositoryControl {
  const requests = new PrimaryRequests<RepositoryOutcome>();
  onMessage((message) => {
    if (message.type === "repository-result") requests.settle(message.id, message.outcome);
    if (message.type !== "repository-order") return;
    const { id, order } = message;
    void carryOut(loader, order).then((outcome) =>
      sendToPrimary({ type: "repository-done", id, outcome }),
    );
  });
  const ask = async (order: RepositoryOrder) => {
    const { failure } = await requests.ask(
      (id) => ({ type: "repository-please", id, order }),
      PATIENCE_MS.repository,
      "not every process has responded",
    );
    if (failure !== undefined) throw unpackFailure(failure);
  };
  return {
    load: (model) => ask({ action: "load", model }),
    unload: (model) => ask({ action: "unload", model }),
  };
}

/** Reports to the primary that the models this process needs are loaded, or have failed. */
export function reportLoaded(): void {
  sendToPrimary({ type: "loaded" });
}

/** Settles once the process that listens from the start has its models: until then one that is ready would speak for it. */
export function listenTurn(): Promise<void> {
  return new Promise((resolve) => {
    const listen = ({ type }: ToWorker) => {
      if (type !== "turn") return;
      process.off("message", listen);
      resolve();
    };
    onMessage(listen);
    sendToPrimary({ type: "turn-please" });
  });
}
