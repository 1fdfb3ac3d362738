import { ContractRegistry } from "../src/repository/contract-registry.ts";
import { contracts } from "@sepal/schema/contracts/index";
import { loadVersion } from "../src/repository/load-version.ts";
import type { ServedModel } from "../src/served-model.ts";
import { blockScorer } from "../src/scoring/score-block.ts";
import { scoreFile, type ScoredChunk, type ScoreOptions } from "../src/scoring/score-file.ts";
import { LIMITS, realVersion, type MODELS } from "./real-models.ts";
import { recording } from "./scripted-session.ts";

/** A model as the server would have it. */
export async function realModel(name: (typeof MODELS)[number]): Promise<ServedModel> {
  const options = {
    contracts: new ContractRegistry(contracts),
    limits: LIMITS,
    observer: recording(),
    lane: "batch" as const,
  };
  return loadVersion(await realVersion(name), options);
}

/** Pieces of a text, each of so many bytes. */
export async function* pieces(text: string | Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let start = 0; start < bytes.length; start += size)
    yield bytes.subarray(start, start + size);
}

/** The chunks of a file. */
export async function chunksOf(
  input: AsyncIterable<Uint8Array>,
  model: ServedModel,
  options: Partial<ScoreOptions> = {},
): Promise<ScoredChunk[]> {
  const { contract } = model;
  const all = { format: "csv" as const, contract, score: blockScorer(model), ...options };
  const chunks: ScoredChunk[] = [];
  for await (const chunk of scoreFile(input, all)) chunks.push(chunk);
  return chunks;
}

/** The result file of a text. */
export async function scored(
  text: string | Uint8Array,
  model: ServedModel,
  { piece = 65_536, ...options }: Partial<ScoreOptions> & { piece?: number } = {},
): Promise<string> {
  const chunks = await chunksOf(pieces(text, piece), model, options);
  return Buffer.concat(chunks.map(({ output }) => output)).toString("utf8");
}
