"use client";

import {
  useEffect,
  useEffectEvent,
  useId,
  useRef,
  useState,
  type ClipboardEvent,
  type ReactNode,
} from "react";
import { useMutation } from "@tanstack/react-query";
import { clsx } from "clsx";
import type { Contract, FeatureInput } from "@sepal/schema/define-contract";
import type { ModelBackground } from "@sepal/schema/model-card";
import { asList } from "@sepal/schema/row-encoding";
import { Button } from "@/components/ui/button.tsx";
import type { BatchCommand } from "@/lib/batch/protocol.ts";
import { NativeSelect } from "@/components/ui/native-select.tsx";
import { askForKey, credentialHeaders } from "@/lib/credentials.ts";
import { count } from "@/lib/format.ts";
import { PATH_PREFIX } from "@/lib/path-prefix.ts";

const SIZES = [150, 1000, 10_000, 100_000];

async function fetchBackground(model: string): Promise<ModelBackground> {
  const response = await fetch(
    `${PATH_PREFIX}/api/models/${encodeURIComponent(model)}/background`,
    {
      headers: credentialHeaders(),
    },
  );
  if (response.status === 401) askForKey();
  if (!response.ok)
    throw new Error(`The server did not give its training rows: ${response.status}.`);
  return await response.json();
}

interface ExampleMakerProps {
  readonly model: string;
  readonly send: (command: BatchCommand) => void;
}

/** Makes a table that resembles the training data, so that one can try at once. */
function ExampleMaker({ model, send }: ExampleMakerProps) {
  const [size, setSize] = useState(10_000);
  const [mistakes, setMistakes] = useState(true);
  const id = useId();
  const { mutate, error, isPending } = useMutation({
    mutationFn: () => fetchBackground(model),
    onSuccess: ({ rows: background }) =>
      send({ type: "example", rows: size, mistakes, background }),
  });
  return (
    <section aria-labelledby={`${id}title`} className="plate flex flex-col gap-4 p-5 sm:p-6">
      <div>
        <h2 id={`${id}title`} className="text-2xl">
          No file at hand?
        </h2>
        <p className="mt-1 text-muted">
          Rows drawn near the data that {model} was trained on, written as CSV in this tab.
        </p>
      </div>
      <div className="grid justify-items-start gap-4">
        <NativeSelect
          label="Rows"
          value={String(size)}
          options={SIZES.map((rows) => ({ value: String(rows), text: count(rows) }))}
          onChange={(value) => setSize(Number(value))}
          className="min-w-40"
        />
        <label
          htmlFor={`${id}mistakes`}
          className="flex items-start gap-2.5 text-sm pointer-coarse:min-h-11"
        >
          <input
            id={`${id}mistakes`}
            type="checkbox"
            checked={mistakes}
            onChange={({ target }) => setMistakes(target.checked)}
            className="mt-0.5 size-4.5 accent-iris"
          />
          <span>
            With mistakes in it
            <span className="block text-muted">
              Every fiftieth row has a cell that no model takes.
            </span>
          </span>
        </label>
      </div>
      {error !== null && (
        <p role="alert" className="text-sm text-rose">
          {error.message}
        </p>
      )}
      <Button
        variant="primary"
        className="mt-auto self-start"
        disabled={isPending}
        onClick={() => mutate()}
      >
        Make me a file
      </Button>
    </section>
  );
}

/** A value as a cell of CSV. */
function cellText(value: FeatureInput): string {
  const text = String(value ?? "");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Longer text would make the field slow: it goes straight to the worker. */
const LONGEST_IN_FIELD = 20_000;

interface SourcePanelProps {
  readonly contract: Contract;
  readonly model: string;
  /** The choice of the model. */
  readonly choice: ReactNode;
  /** Whether a file hovers over the page. */
  readonly over: boolean;
  readonly onLoad: (name: string, source: Blob) => void;
  readonly send: (command: BatchCommand) => void;
}

/** Where a table comes from: a file, the clipboard, or one made here. */
export function SourcePanel({ contract, model, choice, over, onLoad, send }: SourcePanelProps) {
  const [text, setText] = useState("");
  const file = useRef<HTMLInputElement>(null);
  const id = useId();
  const take = (input: HTMLInputElement) => {
    const chosen = input.files?.[0];
    if (chosen !== undefined) onLoad(chosen.name, chosen);
    input.value = "";
  };
  // A file may be chosen before the page's code runs.
  const takeEarly = useEffectEvent(() => {
    if (file.current !== null) take(file.current);
  });
  useEffect(() => takeEarly(), []);
  const paste = (event: ClipboardEvent) => {
    const pasted = event.clipboardData.getData("text/plain");
    if (pasted.length <= LONGEST_IN_FIELD) return;
    event.preventDefault();
    onLoad("pasted text", new Blob([pasted]));
  };
  const header = contract.features.map(({ name }) => name).join(",");
  const rows = contract.examples
    .slice(0, 3)
    .map(({ features }) => asList(contract, features).map(cellText).join(","));
  return (
    <div className="grid gap-6 lg:grid-cols-[3fr_2fr]">
      <section
        aria-labelledby={`${id}table`}
        className={clsx(
          "plate flex flex-col gap-4 border-dashed p-5 transition-colors sm:p-6",
          over ? "border-iris bg-iris-soft" : "border-edge",
        )}
      >
        <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-3">
          <div>
            <h2 id={`${id}table`} className="text-2xl">
              Your table
            </h2>
            <p className="mt-1 text-muted">
              Drop a CSV, NDJSON or JSON file here, also with gzip, or paste its text.
            </p>
          </div>
          <div className="flex flex-wrap items-end gap-x-4 gap-y-3">
            {choice}
            <Button variant="primary" size="field" onClick={() => file.current?.click()}>
              Choose a file
            </Button>
          </div>
          <input
            ref={file}
            type="file"
            accept=".csv,.tsv,.txt,.ndjson,.jsonl,.json,.gz,text/csv"
            aria-label="CSV or NDJSON file"
            className="sr-only"
            tabIndex={-1}
            onChange={({ target }) => take(target)}
          />
        </div>
        <label htmlFor={`${id}text`} className="sr-only">
          Text of the table
        </label>
        <textarea
          id={`${id}text`}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onPaste={paste}
          spellCheck={false}
          rows={7}
          placeholder={[header, ...rows].join("\n")}
          className="w-full grow resize-y rounded-md border border-edge bg-surface px-3 py-2 font-mono text-sm placeholder:text-muted"
        />
        <div className="flex flex-wrap items-center justify-between gap-3">
          <p className="text-sm text-muted">
            Commas, semicolons, tabs or bars; any order of columns.
          </p>
          <Button
            disabled={text.trim() === ""}
            onClick={() => onLoad("pasted text", new Blob([text]))}
          >
            Read this text
          </Button>
        </div>
      </section>
      <ExampleMaker model={model} send={send} />
    </div>
  );
}
