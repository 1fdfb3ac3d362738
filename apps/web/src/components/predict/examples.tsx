import type { Contract } from "@sepal/schema/define-contract";
import type { FeatureField } from "@/lib/feature-range.ts";
import { Bloom } from "./bloom.tsx";

interface ExamplesProps {
  readonly contract: Contract;
  readonly fields: readonly FeatureField[];
  readonly features: readonly number[];
  readonly onChoose: (features: number[]) => void;
}

/** Rows to start from, each drawn as its flower; the chosen one is marked. */
export function Examples({ contract, fields, features, onChoose }: ExamplesProps) {
  const classOf = (name: string) => {
    const named = contract.classes.filter((label) => name.includes(label));
    return named.length === 1 ? contract.classes.indexOf(named[0] ?? "") : null;
  };
  return (
    <ul aria-label="Examples" className="grid grid-cols-2 gap-2">
      {contract.examples.map((example) => (
        <li key={example.name}>
          <button
            type="button"
            aria-pressed={example.features.join() === features.join()}
            onClick={() => onChoose([...example.features])}
            className="flex h-full w-full items-center gap-2.5 rounded-md border border-rule bg-paper px-2 py-1.5 text-left text-[0.8125rem] leading-tight hover:border-edge aria-pressed:border-iris aria-pressed:bg-iris-soft"
          >
            <Bloom
              fields={fields}
              features={example.features}
              classIndex={classOf(example.name)}
              className="size-9"
            />
            <span className="min-w-0 break-words first-letter:uppercase">{example.name}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
