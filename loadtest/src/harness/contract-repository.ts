import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import * as z from "zod";
import { ROOT } from "../settings.ts";

/** The contract that comes and goes: penguins under another name, with its categories and missing values. */
const CONTRACT = "birds";
const MODEL = "birds-forest";

/** A contract that takes longer to be served or to be gone has failed, in milliseconds. */
const LIMIT_MS = 30_000;
const POLL_MS = 5;

const contract = z.looseObject({ examples: z.tuple([z.looseObject({})], z.unknown()) });

/** The contract in the form of its file, as the server has it compiled in. */
async function fetchContract(origin: string) {
  const response = await fetch(`${origin}/contracts/penguins`);
  return contract.parse({ ...Object(await response.json()), name: CONTRACT });
}

/** A model repository of the experiment's own, with iris and a contract that is mounted and taken away. */
export class ContractRepository implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), "sepal-contracts-"));
  /** The model's files while it is not mounted; a folder that begins with a dot is no model. */
  readonly #parked = join(this.path, ".birds");
  readonly #model = join(this.path, MODEL);
  readonly #contract = join(this.path, "contracts", `${CONTRACT}.json`);
  #mounted: Awaited<ReturnType<typeof fetchContract>> | undefined;

  constructor() {
    for (const name of ["iris-forest", "datasets"]) {
      cpSync(`${ROOT}models/${name}`, join(this.path, name), { recursive: true });
    }
    cpSync(`${ROOT}models/penguins-forest`, this.#parked, { recursive: true });
    this.#rename("model.json", { contract: CONTRACT });
    this.#rename("1/manifest.json", { contract: CONTRACT, model_name: MODEL });
    mkdirSync(join(this.path, "contracts"));
  }

  #rename(name: string, changes: object): void {
    const file = join(this.#parked, name);
    writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), ...changes }));
  }

  /** Mounts the contract with its model; returns the milliseconds until a row of it is predicted. */
  async mount(origin: string): Promise<number> {
    this.#mounted ??= await fetchContract(origin);
    writeFileSync(`${this.#contract}.part`, JSON.stringify(this.#mounted));
    renameSync(this.#parked, this.#model);
    renameSync(`${this.#contract}.part`, this.#contract);
    return this.#until(origin, 200);
  }

  /** Takes the contract and its model away; returns the milliseconds until its routes are gone. */
  async unmount(origin: string): Promise<number> {
    rmSync(this.#contract);
    renameSync(this.#model, this.#parked);
    return this.#until(origin, 404);
  }

  async #until(origin: string, status: number): Promise<number> {
    const started = performance.now();
    const body = JSON.stringify({ features: this.#mounted?.examples[0]["features"] });
    for (;;) {
      const response = await fetch(`${origin}/${CONTRACT}/predict`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
        signal: AbortSignal.timeout(LIMIT_MS),
      });
      const text = await response.text();
      const took = performance.now() - started;
      if (response.status === status) return took;
      if (took > LIMIT_MS) throw new Error(`never ${status}: ${response.status} ${text}`);
      await pause(POLL_MS);
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
