import { toFailure, type Failure, type SepalClient } from "@sepal/client";
import { useState } from "react";
import { FailureNote } from "./failure-note.tsx";
import { sepal } from "./sepal.ts";

type Predictions = Awaited<ReturnType<SepalClient["predictBatch"]["mutate"]>>["predictions"];
type Row = Parameters<SepalClient["predictBatch"]["mutate"]>[0]["rows"][number];

const ROWS: Row[] = [
  [5.1, 3.5, 1.4, 0.2],
  [6, 2.9, 4.5, 1.5],
  [6.9, 3.1, 5.4, 2.1],
];

/** Three irises in one request. */
export function BatchTable() {
  const [predictions, setPredictions] = useState<Predictions>([]);
  const [failure, setFailure] = useState<Failure>();

  const predict = async () => {
    try {
      setPredictions((await sepal.predictBatch.mutate({ rows: ROWS })).predictions);
      setFailure(undefined);
    } catch (error) {
      setFailure(toFailure(error));
    }
  };

  return (
    <section>
      <button type="button" onClick={() => void predict()}>
        Predict three
      </button>
      <ol>
        {ROWS.map((row, index) => (
          <li key={row.join()}>
            {row.join(", ")}: {predictions[index]?.label ?? "?"}
          </li>
        ))}
      </ol>
      {failure !== undefined && <FailureNote failure={failure} onRetry={() => void predict()} />}
    </section>
  );
}
