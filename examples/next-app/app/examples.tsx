import { contracts } from "@sepal/client";
import { sepal } from "./sepal.ts";

const { examples } = contracts.iris;

/** The contract's examples with their predictions, in one request; rendered on the server. */
export async function Examples() {
  const rows = examples.map(({ features }) => features);
  const { predictions } = await sepal.iris.predictBatch.mutate({ rows });
  return (
    <ul>
      {examples.map(({ name }, index) => (
        <li key={name}>
          {name}: {predictions[index]?.label}
        </li>
      ))}
    </ul>
  );
}
