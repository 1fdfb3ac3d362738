"use client";

import { clsx } from "clsx";
import { type UIEvent, useId, useState } from "react";
import { classLabels, type Contract, type FeatureInput } from "@sepal/schema/define-contract";
import { asList } from "@sepal/schema/row-encoding";
import { type FeatureField, groupFields } from "@/lib/feature-range.ts";
import { type Row, sameRow } from "@/lib/row.ts";
import { Bloom } from "./bloom.tsx";
import { ChoiceInput } from "./choice-input.tsx";
import { NumberInput } from "./number-input.tsx";
import { TextInput } from "./text-input.tsx";

/** Features from which on each has one line. */
const MANY_FEATURES = 7;

/** Features from which on a form can be searched. */
const SEARCHABLE = 20;

/** Features from which on only those near the visible part are drawn, each of a fixed height. */
const WINDOWED = 60;
const LINE_PX = 44;
const MARGIN_LINES = 12;

interface FeatureFormProps {
  readonly contract: Contract;
  readonly fields: readonly FeatureField[];
  readonly features: Row;
  readonly onFeatures: (features: FeatureInput[]) => void;
  /** As `onFeatures`, of a whole row that a person chose. */
  readonly onExample: (features: FeatureInput[]) => void;
}

/** Rows to start from, each drawn as its flower; the chosen one is marked. */
function Examples({ contract, fields, features, onExample }: FeatureFormProps) {
  const classes = classLabels(contract);
  const classOf = (name: string) => {
    const named = classes.filter((label) => name.includes(label));
    return named.length === 1 ? classes.indexOf(named[0] ?? "") : null;
  };
  return (
    <ul aria-label="Examples" className="grid grid-cols-2 gap-2">
      {contract.examples.map((example) => {
        const row = asList(contract, example.features);
        return (
          <li key={example.name}>
            <button
              type="button"
              aria-pressed={sameRow(row, features)}
              onClick={() => onExample([...row])}
              className="flex h-full w-full items-center gap-2 rounded-md border border-rule bg-paper px-2 py-1 text-left text-xs leading-tight pointer-coarse:min-h-11 hover:border-edge aria-pressed:border-iris aria-pressed:bg-iris-soft"
            >
              <Bloom
                fields={fields}
                features={row}
                classIndex={classOf(example.name)}
                className="size-8"
              />
              <span className="min-w-0 break-words first-letter:uppercase">{example.name}</span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}

interface FieldListProps extends Omit<FeatureFormProps, "contract"> {
  readonly places: readonly number[];
}

interface FieldInputProps extends Pick<FieldListProps, "fields" | "features" | "onFeatures"> {
  readonly place: number;
}

/** The control of one feature, by its kind. */
export function FieldInput({ place, fields, features, onFeatures }: FieldInputProps) {
  const field = fields[place];
  if (field === undefined) return null;
  const input = {
    compact: fields.length >= MANY_FEATURES,
    value: features[place] ?? null,
    onChange: (value: FeatureInput) => onFeatures(features.with(place, value)),
  };
  switch (field.kind) {
    case "number":
      return <NumberInput field={field} {...input} />;
    case "text":
      return <TextInput field={field} value={input.value} onChange={input.onChange} />;
    default:
      return <ChoiceInput field={field} {...input} />;
  }
}

function FieldList(props: FieldListProps) {
  const { places, fields } = props;
  return (
    <div className={clsx("grid", fields.length < MANY_FEATURES ? "gap-1" : "gap-0.5")}>
      {places.map((place) => (
        <FieldInput key={fields[place]?.name} {...props} place={place} />
      ))}
    </div>
  );
}

/** A long list of which the lines near the visible part are drawn; focus moves through all of them. */
function WindowedList(props: FieldListProps) {
  const { places, fields } = props;
  const [first, setFirst] = useState(0);
  const lines = 2 * MARGIN_LINES + 24;
  const follow = (event: UIEvent<HTMLDivElement>) => {
    const line = Math.floor(event.currentTarget.scrollTop / LINE_PX);
    // A step of several lines: not every scrolled pixel draws the list again.
    setFirst(Math.max(0, Math.floor((line - MARGIN_LINES) / 6) * 6));
  };
  const from = Math.min(first, Math.max(0, places.length - lines));
  return (
    <div onScroll={follow} className="-mx-2 max-h-128 overflow-y-auto px-2 lg:max-h-[60dvh]">
      <div className="relative" style={{ height: places.length * LINE_PX }}>
        <div className="absolute inset-x-0" style={{ top: from * LINE_PX }}>
          {places.slice(from, from + lines).map((place) => (
            <div
              key={fields[place]?.name}
              className="grid content-center overflow-hidden"
              style={{ height: LINE_PX }}
            >
              <FieldInput {...props} place={place} />
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}

/** The fields under their headings, or those that a search finds. */
function Fields(props: FeatureFormProps) {
  const { contract, fields } = props;
  const id = useId();
  const [search, setSearch] = useState("");
  const words = search.trim().toLowerCase();
  const isFound = (place: number) => {
    const { name = "", label = "" } = fields[place] ?? {};
    return `${label} ${name}`.toLowerCase().includes(words);
  };
  const groups = groupFields(contract.features)
    .map(({ title, places }) => ({ title, places: places.filter(isFound) }))
    .filter(({ places }) => places.length > 0);
  const found = groups.reduce((sum, { places }) => sum + places.length, 0);
  return (
    <>
      {fields.length >= SEARCHABLE && (
        <div className="mb-3">
          <label htmlFor={id} className="sr-only">
            Search the features
          </label>
          <input
            id={id}
            type="search"
            value={search}
            onChange={(event) => setSearch(event.target.value)}
            placeholder={`Search ${fields.length} features`}
            className="h-9 w-full rounded-md border border-edge bg-paper px-3 text-sm placeholder:text-muted pointer-coarse:h-11"
          />
          <p
            aria-live="polite"
            className={clsx("mt-1 text-xs text-muted", words === "" && "sr-only")}
          >
            {words === "" ? "" : `${found} of ${fields.length} features`}
          </p>
        </div>
      )}
      {fields.length >= WINDOWED ? (
        <WindowedList key={words} {...props} places={groups.flatMap(({ places }) => places)} />
      ) : (
        <div className="grid gap-3">
          {groups.map(({ title, places }) =>
            title === "" ? (
              <FieldList key={title} {...props} places={places} />
            ) : (
              <fieldset key={title} className="min-w-0">
                <legend className="eyebrow mb-0.5">{title}</legend>
                <FieldList {...props} places={places} />
              </fieldset>
            ),
          )}
        </div>
      )}
    </>
  );
}

/** The contract's features as controls of their kind, under their headings where it has any, and rows to start from. */
export function FeatureForm(props: FeatureFormProps) {
  const { fields } = props;
  const hasRanges = fields.some((field) => field.kind === "number" && field.training !== null);
  return (
    <section aria-label="Input" className="plate p-4">
      <Fields {...props} />
      {hasRanges && (
        <p className="mt-2 flex items-center gap-2 text-xs text-muted">
          <span aria-hidden="true" className="h-1.5 w-6 rounded-full bg-leaf/45" />
          range of the training data
        </p>
      )}
      <h2 className="mt-4 mb-2 font-sans text-[0.8125rem] font-medium tracking-normal">Examples</h2>
      <Examples {...props} />
    </section>
  );
}
