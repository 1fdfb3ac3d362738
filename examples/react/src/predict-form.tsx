import { contracts, toFailure, type Failure, type SepalClient } from "@sepal/client";
import { useRef, useState, type FormEvent } from "react";
import { FailureNote } from "./failure-note.tsx";
import { sepal } from "./sepal.ts";

type Prediction = Awaited<ReturnType<SepalClient["predict"]["mutate"]>>;
type Features = Parameters<typeof contracts.iris.toFeatures>[0];

const { iris } = contracts;
const START: Features = { sepal_length: 6, sepal_width: 2.7, petal_length: 5.1, petal_width: 1.6 };

/** What is wrong with the feature at `index`, by the server's own words. */
function complaint(failure: Failure | undefined, index: number): string | undefined {
  return failure?.detail.find(({ loc }) => loc[1] === "features" && loc[2] === index)?.msg;
}

/** A field for each feature of the contract, and the server's prediction. */
export function PredictForm() {
  const [values, setValues] = useState(START);
  const [prediction, setPrediction] = useState<Prediction>();
  const [failure, setFailure] = useState<Failure>();
  const running = useRef<AbortController>(undefined);

  const predict = async () => {
    // Only the last call counts.
    running.current?.abort();
    running.current = new AbortController();
    const { signal } = running.current;
    try {
      const features = iris.toFeatures(values);
      setPrediction(await sepal.predict.mutate({ features }, { signal }));
      setFailure(undefined);
    } catch (error) {
      const reason = toFailure(error);
      if (reason.kind === "aborted") return;
      setPrediction(undefined);
      setFailure(reason);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void predict();
  };

  return (
    <form onSubmit={submit} noValidate>
      {iris.features.map(({ name, label, unit }, index) => (
        <p key={name}>
          <label htmlFor={name}>
            {label} ({unit})
          </label>{" "}
          <input
            id={name}
            type="number"
            step="0.1"
            value={values[name]}
            aria-invalid={complaint(failure, index) !== undefined}
            aria-describedby={`${name}-complaint`}
            onChange={({ target }) => setValues({ ...values, [name]: target.valueAsNumber })}
          />{" "}
          <span id={`${name}-complaint`}>{complaint(failure, index)}</span>
        </p>
      ))}
      <button type="submit">Predict</button>
      {prediction !== undefined && (
        <output>
          {prediction.label}, {(prediction.confidence * 100).toFixed(0)} %, by{" "}
          {prediction.model_used}
        </output>
      )}
      {failure !== undefined && failure.kind !== "invalid" && (
        <FailureNote failure={failure} onRetry={() => void predict()} />
      )}
    </form>
  );
}
