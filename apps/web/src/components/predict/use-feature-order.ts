"use client";

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { asList } from "@sepal/schema/row-encoding";
import { byEffect, effectProbe, featureEffects } from "@/lib/feature-effects.ts";
import { modelOutputs } from "@/lib/model-outputs.ts";
import { predictionsQuery } from "./predictions-query.ts";
import type { ViewProps } from "./view-tabs.tsx";

/** Most of the contract's examples around which the features' effects are looked for. */
const MOST_EXAMPLES = 4;

interface FeatureOrder {
  /** Places of the features, largest effect first; in the contract's order while it is not known. */
  readonly order: readonly number[];
  /** How far each feature moves any output; `undefined` while, or where, it is not known. */
  readonly effects: readonly number[] | undefined;
  readonly pending: boolean;
}

/** The features of a model by effect around the contract's examples: the same whatever the row is, so that nothing jumps. */
export function useFeatureOrder(
  props: Pick<ViewProps, "contract" | "fields" | "model" | "state">,
): FeatureOrder {
  const { contract, fields, model, state } = props;
  const probe = useMemo(() => {
    const bases = contract.examples.slice(0, MOST_EXAMPLES);
    return effectProbe(
      fields,
      bases.map(({ features }) => asList(contract, features)),
    );
  }, [contract, fields]);
  const { data: effects, isPending } = useQuery({
    ...predictionsQuery({
      key: ["effects", state.t],
      contract,
      target: model,
      rows: () => probe.rows,
      select: (predictions) =>
        featureEffects(
          probe,
          predictions.map((prediction) => modelOutputs(contract, prediction, state.t)),
          fields.length,
        ),
    }),
    enabled: probe.rows.length > 0,
  });
  const order = useMemo(() => byEffect(effects, fields.length), [effects, fields.length]);
  return { order, effects, pending: isPending && probe.rows.length > 0 };
}
