import { readBackground } from "@sepal/model/repository/background";
import { modelBackground, type ModelBackground } from "@sepal/schema/model-card";
import * as z from "zod";
import type { Operation } from "./operation.ts";
import type { CallContext } from "../context.ts";

const input = z.strictObject({ model_name: z.string().min(1).max(128) });

/** The rows a model was trained on, thinned out for pictures. */
export const getBackground = {
  input,
  output: modelBackground,
  async run({ model_name }: z.infer<typeof input>, { services }: CallContext) {
    const { registry } = services;
    const model = registry.resolve(model_name);
    const { rows, classes, total } = await readBackground(registry.repository, model);
    return {
      model_name: model.name,
      features: model.contract.features.map((feature) => feature.name),
      classes: [...model.contract.classes],
      rows,
      class: classes,
      total,
    };
  },
} satisfies Operation<z.infer<typeof input>, ModelBackground>;
