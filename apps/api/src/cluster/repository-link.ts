import { setTimeout as sleep } from "node:timers/promises";
import type { RepositoryLoader } from "@sepal/model/repository/repository-loader";
import { packFailure, unpackFailure } from "@sepal/model/workers/worker-pool";
import { unavailable } from "@sepal/schema/unavailable";
import type { RepositoryControl } from "../context.ts";
import type { ToWorker } from "./messages.ts";
import { sendToPrimary } from "./send-to-primary.ts";
import type { RepositoryOrder, RepositoryOutcome } from "./repository-messages.ts";

/** Longest wait for all processes, in milliseconds. */
const PATIENCE_MS = 60_000;

async function obey(loader: RepositoryLoader, order: RepositoryOrder): Promise<RepositoryOutcome> {
  const { action, model, stamp } = order;
  try {
    if (action === "unload") return { stamp: await loader.unloadModel(model, stamp) };
    await loader.loadModel(model);
    return {};
  } catch (error) {
    return { failure: packFailure(error) };
  }
}

/** Carries out what the primary orders, and hands on to it what this process is asked, so that all processes follow. */
export function linkRepository(loader: RepositoryLoader): RepositoryControl {
  const waiting = new Map<number, (outcome: RepositoryOutcome) => void>();
  let nextId = 0;
  process.on("message", (message: ToWorker) => {
    const { type } = message;
    if (type === "repository-answer") waiting.get(message.id)?.(message.outcome);
    if (type !== "repository-order") return;
    const { id, order } = message;
    void obey(loader, order).then((outcome) =>
      sendToPrimary({ type: "repository-done", id, outcome }),
    );
  });
  const ask = async (order: RepositoryOrder) => {
    const id = nextId;
    nextId += 1;
    const answer = new Promise<RepositoryOutcome>((resolve) => waiting.set(id, resolve));
    sendToPrimary({ type: "repository-please", id, order });
    const patience = new AbortController();
    const overdue = sleep(PATIENCE_MS, "overdue" as const, { ref: false, signal: patience.signal });
    overdue.catch(() => undefined);
    const outcome = await Promise.race([answer, overdue]);
    patience.abort();
    waiting.delete(id);
    if (outcome === "overdue") {
      throw unavailable("not every process has answered");
    }
    if (outcome.failure !== undefined) throw unpackFailure(outcome.failure);
  };
  return {
    load: (model) => ask({ action: "load", model }),
    unload: (model) => ask({ action: "unload", model }),
  };
}
