import { setTimeout as pause } from "node:timers/promises";
import { graphOf, type SwapRepository } from "../servers/swap-repository.ts";
import { askSingle } from "../clients/swap-clients.ts";
import type { Traffic } from "./traffic.ts";

/** A swap that takes longer has failed, in milliseconds. */
const SWAP_LIMIT_MS = 30_000;
const LOOK_MS = 50;

interface Swapping {
  readonly origin: string;
  readonly everyMs: number;
  readonly traffic: Traffic;
  /** How many came through so far. */
  readonly swaps: { done: number };
}

/** Swaps the default model's version again and again until it is stopped. */
export async function keepSwapping(
  repository: SwapRepository,
  { origin, everyMs, traffic, swaps }: Swapping,
  stop: AbortSignal,
): Promise<void> {
  for (let next = 1; !stop.aborted; next += 1) {
    const version = next % 2 === 0 ? "1" : "2";
    repository.writeVersion(version, graphOf(next));
    repository.setDefault(version);
    const end = performance.now() + SWAP_LIMIT_MS;
    try {
      while ((await askSingle(origin, repository.model)).version !== version) {
        if (performance.now() > end) throw new Error(`version ${version} never answered`);
        await pause(LOOK_MS);
      }
      swaps.done = next;
    } catch (error) {
      traffic.countWrong(`swap: ${error instanceof Error ? error.message : String(error)}`);
    }
    await pause(everyMs, undefined, { signal: stop }).catch(() => {});
  }
}
