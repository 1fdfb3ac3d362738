import type { RepositoryLoader } from "./repository-loader.ts";

/** How soon a changed folder is looked at again, to see whether it has come to rest, in milliseconds. */
const SETTLE_MS = 100;

/** Looks at a model repository time and again and follows its changes, until it is closed. */
export class RepositoryWatch {
  readonly #loader: RepositoryLoader;
  readonly #intervalMs: number;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  /** `intervalMs` lies between two looks at a repository at rest. */
  constructor(loader: RepositoryLoader, intervalMs: number) {
    this.#loader = loader;
    this.#intervalMs = intervalMs;
    this.#wait(intervalMs);
  }

  #wait(milliseconds: number): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => void this.#look(), milliseconds).unref();
  }

  async #look(): Promise<void> {
    const settled = await this.#loader.follow();
    this.#wait(settled ? this.#intervalMs : Math.min(SETTLE_MS, this.#intervalMs));
  }

  /** Looks no more. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }
}
