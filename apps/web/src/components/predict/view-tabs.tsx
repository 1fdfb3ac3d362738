"use client";

import dynamic from "next/dynamic";
import type { ComponentType } from "react";
import type { Contract, FeatureInput } from "@sepal/schema/define-contract";
import type { ModelCard } from "@sepal/schema/model-card";
import { NativeSelect } from "@/components/ui/native-select.tsx";
import { Tabs } from "@/components/ui/tabs.tsx";
import type { FeatureField } from "@/lib/feature-range.ts";
import type { Target } from "@/lib/predictor.ts";
import type { Row } from "@/lib/row.ts";
import type { SnippetLanguage } from "@/lib/snippets.ts";
import { type View, viewsOf } from "@/lib/workbench-state.ts";

const TITLES: Record<View, string> = {
  why: "Why",
  boundary: "Decision boundary",
  "what-if": "What if",
  counterfactual: "Counterfactual",
  search: "Neighbours",
  data: "Data",
  request: "Request",
  code: "Code",
};

const REGRESSION_TITLES: Record<View, string> = { ...TITLES, boundary: "Prediction map" };

function Loading() {
  return <p className="text-sm text-muted">Loading.</p>;
}

// A view's code is loaded when its tab opens: none is needed for the first prediction.
const WhyPanel = dynamic(async () => (await import("./why-panel.tsx")).WhyPanel, {
  ssr: false,
  loading: Loading,
});
const BoundaryPanel = dynamic(async () => (await import("./boundary-panel.tsx")).BoundaryPanel, {
  ssr: false,
  loading: Loading,
});
const WhatIfPanel = dynamic(async () => (await import("./what-if-panel.tsx")).WhatIfPanel, {
  ssr: false,
  loading: Loading,
});
const CounterfactualPanel = dynamic(
  async () => (await import("./counterfactual-panel.tsx")).CounterfactualPanel,
  { ssr: false, loading: Loading },
);
const SearchPanel = dynamic(async () => (await import("./search-panel.tsx")).SearchPanel, {
  ssr: false,
  loading: Loading,
});
const DataPanel = dynamic(async () => (await import("./data-panel.tsx")).DataPanel, {
  ssr: false,
  loading: Loading,
});
const RequestPanel = dynamic(async () => (await import("./request-panel.tsx")).RequestPanel, {
  ssr: false,
  loading: Loading,
});
const CodePanel = dynamic(async () => (await import("./code-panel.tsx")).CodePanel, {
  ssr: false,
  loading: Loading,
});

/** What the views keep in the address. */
interface ViewState {
  readonly tab: View;
  /** The compared model that the views are about; `null` for the first one. */
  readonly of: string | null;
  readonly x: string | null;
  readonly y: string | null;
  /** The target that is shown; of a regression alone. */
  readonly t: string;
  /** The class that a counterfactual has to reach; `null` for any other. */
  readonly to: string | null;
  readonly code: SnippetLanguage;
}

/** What every view of a prediction is made from. */
export interface ViewProps {
  readonly contract: Contract;
  readonly card: ModelCard;
  readonly fields: readonly FeatureField[];
  readonly features: Row;
  /** The model that the view is about. */
  readonly model: Target;
  /** All models that are compared. */
  readonly models: readonly Target[];
  readonly state: ViewState;
  readonly publicApiUrl: string;
  readonly onFeatures: (features: FeatureInput[]) => void;
  /** Changes the address as a step of its own. */
  readonly onChoice: (changed: Partial<ViewState> & { f?: FeatureInput[] }) => void;
}

const PANELS: Record<View, ComponentType<ViewProps>> = {
  why: WhyPanel,
  boundary: BoundaryPanel,
  "what-if": WhatIfPanel,
  counterfactual: CounterfactualPanel,
  search: SearchPanel,
  data: DataPanel,
  request: RequestPanel,
  code: CodePanel,
};

interface ViewTabsProps extends Omit<ViewProps, "model"> {
  readonly cards: readonly ModelCard[];
}

/** The views of a prediction, one at a time: why, where its boundary runs, what would change it, and how it was made. */
export function ViewTabs({ cards, ...props }: ViewTabsProps) {
  const { models, state, onChoice } = props;
  const model = models.find(({ model_name: name }) => name === state.of) ?? models[0];
  if (model === undefined) return null;
  const card = cards.find(({ name }) => name === model.model_name) ?? props.card;
  return (
    <Tabs
      label="Views"
      names={viewsOf(props.contract)}
      titles={props.contract.task === "regression" ? REGRESSION_TITLES : TITLES}
      value={state.tab}
      onChange={(tab) => onChoice({ tab })}
      beside={
        models.length > 1 && (
          <NativeSelect
            label="Shown"
            inline
            value={model.model_name}
            options={models.map(({ model_name: name }) => ({ value: name, text: name }))}
            onChange={(name) => onChoice({ of: name === models[0]?.model_name ? null : name })}
          />
        )
      }
    >
      {(view) => {
        const Panel = PANELS[view];
        return (
          <div className="min-h-96 p-4">
            <Panel {...props} card={card} model={model} />
          </div>
        );
      }}
    </Tabs>
  );
}
