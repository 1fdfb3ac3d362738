import {
  createInferenceSession,
  type InferenceSession,
} from "@sepal/model/session/inference-session";
import { Refusal } from "./refusal.ts";

/** Opens a model; refuses what ONNX Runtime refuses, in its words. */
export async function openModel(bytes: Uint8Array, path: string): Promise<InferenceSession> {
  try {
    return await createInferenceSession(bytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Refusal(`${path}: ONNX Runtime cannot open it: ${reason}`, { cause: error });
  }
}
