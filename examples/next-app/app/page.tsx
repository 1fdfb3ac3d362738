import { contracts, toFailure } from "@sepal/client";
import { schemas } from "@sepal/client/schemas";
import { Examples } from "./examples.tsx";
import { sepal } from "./sepal.ts";

const { iris } = contracts;
const FIELDS = iris.features.map(({ name }) => name);

interface Props {
  readonly searchParams: Promise<Readonly<Record<string, string | string[] | undefined>>>;
}

/** What a flower is, or why that cannot be said. */
async function classify(given: Awaited<Props["searchParams"]>): Promise<string> {
  const flower = schemas.iris.namedRow.safeParse(
    Object.fromEntries(FIELDS.map((name) => [name, Number(given[name] || Number.NaN)])),
  );
  if (!flower.success) {
    return flower.error.issues
      .map(({ path, message }) => `${path.join(".")}: ${message}`)
      .join("; ");
  }
  const { petal_length, petal_width } = flower.data;
  try {
    const features = iris.toFeatures(flower.data);
    const { label, confidence } = await sepal.iris.predict.mutate({ features });
    return `petals of ${petal_length} by ${petal_width} cm: ${label}, ${(confidence * 100).toFixed(0)} %`;
  } catch (error) {
    const { message, detail } = toFailure(error, iris);
    return detail.map(({ feature, msg }) => `${feature}: ${msg}`).join("; ") || message;
  }
}

export default async function Page({ searchParams }: Props) {
  const given = await searchParams;
  return (
    <main>
      <h1>Which iris?</h1>
      <form>
        {iris.features.map(({ name, label, unit }) => (
          <p key={name}>
            <label>
              {label} ({unit}){" "}
              <input name={name} inputMode="decimal" defaultValue={String(given[name] ?? "")} />
            </label>
          </p>
        ))}
        <button type="submit">Predict</button>
      </form>
      {FIELDS.some((name) => given[name] !== undefined) && <output>{await classify(given)}</output>}
      <Examples />
    </main>
  );
}
