import { standardSchemaResolver } from "@hookform/resolvers/standard-schema";
import { contracts, toFailure } from "@sepal/client";
import { schemas } from "@sepal/client/schemas";
import { useMutation } from "@tanstack/react-query";
import { useForm } from "react-hook-form";
import { trpc } from "./sepal.ts";

const { penguins } = contracts;

/** A number, or a missing value where the field is empty. */
const asNumber = { setValueAs: (text: unknown) => (text === "" ? null : Number(text)) };
/** A text, or a missing value where nothing is chosen. */
const asText = { setValueAs: (text: unknown) => (text === "" ? null : text) };

/** A penguin, checked by the server's own rules before it is sent. */
export function PenguinForm() {
  const form = useForm({
    resolver: standardSchemaResolver(schemas.penguins.namedRow),
    defaultValues: penguins.examples[0].features,
  });
  const { register, setError, formState } = form;
  const predict = useMutation(
    trpc.penguins.predict.mutationOptions({
      onError(error) {
        // What the server alone can tell stands beside the field that it is about.
        const { detail, message } = toFailure(error, penguins);
        for (const { feature, msg } of detail) setError(feature ?? "root", { message: msg });
        if (detail.length === 0) setError("root", { message });
      },
    }),
  );
  const { errors } = formState;

  return (
    <form onSubmit={form.handleSubmit((features) => predict.mutate({ features }))} noValidate>
      <p>
        <label>
          Island{" "}
          <select {...register("island")}>
            {penguins.features[0].values.map((island) => (
              <option key={island}>{island}</option>
            ))}
          </select>
        </label>{" "}
        {errors.island?.message}
      </p>
      <p>
        <label>
          Sex{" "}
          <select {...register("sex", asText)}>
            <option value="">unknown</option>
            <option>female</option>
            <option>male</option>
          </select>
        </label>{" "}
        {errors.sex?.message}
      </p>
      <p>
        <label>
          Bill length (mm) <input inputMode="decimal" {...register("bill_length_mm", asNumber)} />
        </label>{" "}
        {errors.bill_length_mm?.message}
      </p>
      <p>
        <label>
          Body mass (g) <input inputMode="decimal" {...register("body_mass_g", asNumber)} />
        </label>{" "}
        {errors.body_mass_g?.message}
      </p>
      <button type="submit">Predict</button>
      {predict.data !== undefined && (
        <output>
          {predict.data.label}, {(predict.data.confidence * 100).toFixed(0)} %
        </output>
      )}
      {errors.root !== undefined && <p role="alert">{errors.root.message}</p>}
    </form>
  );
}
