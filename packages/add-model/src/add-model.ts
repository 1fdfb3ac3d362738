import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import { BoundedProcess, boundsFor, ProcessFailure } from "@sepal/model/probe/bounded-process";
import type { AddModelOptions } from "./check-model.ts";
import { publish, stagingFolder } from "./files/publish.ts";
import { Refusal } from "./refusal.ts";
import type { StagingReply, StagingRequest } from "./staging-process.ts";

/** Memory of the process beyond what the files need, in bytes. */
const MEMORY_BYTES = 2 ** 30;

/** Bytes of a model that take as much memory as one of the table, which is held as texts and as numbers. */
const TABLE_WEIGHT = 2;

/** Heap of the process, in MiB: the table lies in it. */
const HEAP_MB = 4096;

async function bytesOf(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  return found?.size ?? 0;
}

function explain({ model, timeoutS }: AddModelOptions, failure: ProcessFailure): Refusal {
  const { kind, message } = failure;
  const where = `${model}: checking the model in a process of its own failed: ${message}`;
  const remedy = {
    deadline: `. A model that is only slow has more than ${timeoutS} s with --timeout`,
    memory: ", as no classifier of this size needs",
    ended: ". The file makes ONNX Runtime crash; export it again, with another version of the tool",
    start: "",
  };
  return new Refusal(where + remedy[kind], { cause: failure });
}

/** Checks a model and adds it to a model repository, wholly or not at all; returns the report. */
export async function addModel(options: AddModelOptions, repository: string): Promise<string> {
  await using staging = await stagingFolder(repository);
  const script = new URL("staging-process.ts", import.meta.url);
  const worker = new BoundedProcess({ script, cwd: process.cwd(), heapMb: HEAP_MB });
  const request: StagingRequest = { options, repository, staging: staging.path };
  const onnx = options.converted?.onnx ?? options.model;
  const bytes = (await bytesOf(onnx)) + TABLE_WEIGHT * (await bytesOf(options.data));
  const base = { deadlineMs: options.timeoutS * 1000, memoryBytes: MEMORY_BYTES };
  try {
    const reply: StagingReply = JSON.parse(await worker.ask(request, boundsFor(bytes, base)));
    if ("refusal" in reply) throw new Refusal(reply.refusal, { place: reply.place });
    if ("fault" in reply) throw new Error(reply.fault);
    await publish(staging.path, dirname(repository), reply.places);
    return reply.report;
  } catch (error) {
    throw error instanceof ProcessFailure ? explain(options, error) : error;
  } finally {
    worker.kill();
  }
}
