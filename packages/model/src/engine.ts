import * as z from "zod";

/** Which engines models may have: `auto` takes the evaluator where it gives the bits of ONNX Runtime. */
export const ENGINE_CHOICES = ["auto", "onnxruntime"] as const;

/** See {@link ENGINE_CHOICES}. */
export type EngineChoice = (typeof ENGINE_CHOICES)[number];

/** What computes every prediction of a version, in all processes and threads, and why. */
export const engine = z.object({ name: z.enum(["evaluator", "onnxruntime"]), reason: z.string() });

/** See {@link engine}. */
export type Engine = z.infer<typeof engine>;
