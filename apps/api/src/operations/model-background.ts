import { readBackground } from "@sepal/model/repository/background";
import { modelBackground, type ModelBackground } from "@sepal/schema/model-card";
import type * as z from "zod";
import { modelName } from "./model-cards.ts";
import type { Operation } from "./operation.ts";
import type { CallContext } from "../context.ts";

/** The rows a model was trained on, thinned out for pictures. */
export const getBackground = {
  input: modelName,
  output: modelBackground,
  async run({ model_name }: z.infer<typeof modelName>, { services }: CallContext) {
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
} satisfies Operation<z.infer<typeof modelName>, ModelBackground>;
