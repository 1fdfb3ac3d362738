"use client";

import type { Contract, NumberDomain } from "@sepal/schema/define-contract";
import { groupFields, type FeatureField } from "@/lib/feature-range.ts";
import { Examples } from "./examples.tsx";
import { FeatureInput } from "./feature-input.tsx";

/** Features from which on a form puts two side by side and makes each smaller. */
const MANY_FEATURES = 7;

/** Whether a form of these fields needs the wider part of the page. */
export function isLongForm(fields: readonly FeatureField[]): boolean {
  return fields.length >= MANY_FEATURES;
}

interface FeatureFormProps {
  readonly contract: Contract;
  readonly fields: readonly FeatureField[];
  readonly features: readonly number[];
  readonly onFeatures: (features: number[]) => void;
}

interface FieldListProps extends Omit<FeatureFormProps, "contract"> {
  readonly places: readonly number[];
  readonly domain: NumberDomain;
}

function FieldList({ places, fields, features, domain, onFeatures }: FieldListProps) {
  const long = isLongForm(fields);
  return (
    <div className={long ? "grid gap-x-8 gap-y-2 sm:grid-cols-2" : "grid gap-4"}>
      {places.map((index) => {
        const field = fields[index];
        return (
          field !== undefined && (
            <FeatureInput
              key={field.name}
              field={field}
              domain={domain}
              compact={long}
              value={features[index] ?? 0}
              onChange={(value) => onFeatures(features.with(index, value))}
            />
          )
        );
      })}
    </div>
  );
}

/** The contract's features as sliders, under their headings where it has any, and rows to start from. */
export function FeatureForm(props: FeatureFormProps) {
  const { contract, fields, features, onFeatures } = props;
  const groups = groupFields(contract.features);
  return (
    <section aria-label="Input" className="plate p-5 sm:p-6">
      <div className="grid gap-5">
        {groups.map(({ title, places }) =>
          title === "" ? (
            <FieldList key={title} {...props} places={places} domain={contract.domain} />
          ) : (
            <fieldset key={title} className="min-w-0">
              <legend className="eyebrow mb-2">{title}</legend>
              <FieldList {...props} places={places} domain={contract.domain} />
            </fieldset>
          ),
        )}
      </div>
      <p className="mt-4 flex items-center gap-2 text-[0.8125rem] text-muted">
        <span aria-hidden="true" className="h-1.5 w-6 rounded-full bg-leaf/45" />
        range of the training data
      </p>
      <h2 className="mt-6 mb-2.5 font-sans text-sm font-medium tracking-normal">
        Start from an example
      </h2>
      <Examples contract={contract} fields={fields} features={features} onChoose={onFeatures} />
    </section>
  );
}
