import type { Execution } from "@sepal/model/session/inference-observer";
import type { Contract } from "@sepal/schema/define-contract";
import type { ModelRegistry } from "@sepal/model/repository/registry";
import { blockChecker, blockScorer, type BlockScorer } from "@sepal/model/scoring/score-block";
import type { ServedModel } from "@sepal/model/served-model";
import type { BlockJobResult, BlockJob } from "./worker-jobs.ts";
import { contractOf } from "./batch-tools.ts";
import { packRuns } from "./executions.ts";

const scorers = new WeakMap<ServedModel, BlockScorer>();
const checkers = new WeakMap<Contract, BlockScorer>();

function checkerOf(name: string, registry: ModelRegistry): BlockScorer {
  const contract = contractOf(name, registry);
  const checker = checkers.get(contract) ?? blockChecker(contract);
  checkers.set(contract, checker);
  return checker;
}

/** The scorer of exactly the model that the file began with; absent when this thread has it no more. */
function scorerOf({ model, version, source }: BlockJob, registry: ModelRegistry) {
  const entry = registry.models().find(({ name }) => name === model);
  const served = entry?.versions.get(version)?.served;
  if (served?.source.id !== source) return undefined;
  const scorer = scorers.get(served) ?? blockScorer(served);
  scorers.set(served, scorer);
  return scorer;
}

/** Scores or checks a block of a file with the thread's own models. */
export async function runBlockJob(
  job: BlockJob,
  registry: ModelRegistry,
  executions: Execution[],
): Promise<BlockJobResult> {
  const { task, contract, checkOnly } = job;
  const score = checkOnly ? checkerOf(contract, registry) : scorerOf(job, registry);
  if (score === undefined) return { returned: task };
  const result = await score(task, {});
  // Freed by hand: left to the collector, a file's blocks pile up.
  task.block.bytes.buffer.transfer(0);
  return { result, ...packRuns(executions) };
}

/** The memory of a result, which moves to the main thread with it. */
export function memoryOf(result: BlockJobResult): ArrayBuffer[] {
  if ("result" in result)
    return [result.runs.buffer, result.sample.rows.buffer, result.result.output.buffer];
  const { bytes, bounds } = result.returned.block;
  return [bytes.buffer, bounds.buffer];
}
