"use client";

import { FailureNote } from "@/components/failure-note.tsx";
import type { Answer } from "@/lib/ask-models.ts";
import { cn } from "@/lib/cn.ts";
import type { FeatureField } from "@/lib/feature-range.ts";
import { Bloom } from "./bloom.tsx";
import { ClassMark } from "./class-mark.tsx";
import { percent, ProbabilityBars } from "./probability-bars.tsx";
import { TimingSplit } from "./timing-split.tsx";

interface ResultPanelProps {
  readonly model: string;
  readonly classes: readonly string[];
  readonly fields: readonly FeatureField[];
  /** The row the answer is about. */
  readonly features: readonly number[];
  readonly answer: Answer;
  readonly stale: boolean;
  /** Whether others stand beside it, so that it is small and carries its name. */
  readonly compact: boolean;
  readonly onRetry: () => void;
}

/** One model's answer: the class, every probability, and where the time went. */
export function ResultPanel(props: ResultPanelProps) {
  const { model, classes, fields, features, answer, stale, compact, onRetry } = props;
  return (
    <article
      aria-label={`Answer of ${model}`}
      aria-busy={stale}
      className="plate min-w-0 p-5 sm:p-6"
    >
      {compact && <h3 className="mb-3 font-mono text-sm text-muted">{model}</h3>}
      {!answer.ok && <FailureNote failure={answer.failure} onRetry={onRetry} />}
      {answer.ok && (
        <div className={cn("transition-opacity", stale && "opacity-60")}>
          <div className="flex items-center gap-5">
            <Bloom
              fields={fields}
              features={features}
              classIndex={answer.result.class}
              className={compact ? "size-20" : "size-28 sm:size-36"}
            />
            <div className="min-w-0">
              <p className="eyebrow">Predicted</p>
              <p
                className={cn(
                  "flex items-center gap-2.5 font-display leading-tight font-semibold break-words",
                  compact ? "text-2xl" : "text-3xl sm:text-[2.75rem]",
                )}
              >
                <ClassMark index={answer.result.class} className={compact ? "size-4" : "size-6"} />
                {answer.result.label}
              </p>
              <p className="figures mt-1 text-muted">
                {percent(answer.result.confidence)} confident
                <span className="sr-only">, version {answer.result.model_version}</span>
              </p>
            </div>
          </div>
          <div className="mt-5">
            <ProbabilityBars
              classes={classes}
              proba={answer.result.proba}
              predicted={answer.result.class}
            />
          </div>
          {(answer.timing !== null || !compact) && (
            <div className="mt-5 border-t border-rule pt-4 text-sm">
              {answer.timing === null ? (
                <p className="text-muted">
                  This answer came with the page. Move a slider to see what a call from here takes.
                </p>
              ) : (
                <TimingSplit
                  timing={answer.timing}
                  processingMs={answer.result.processing_time_ms}
                />
              )}
            </div>
          )}
        </div>
      )}
    </article>
  );
}
