"use client";

import type { ModelBackground } from "@sepal/schema/model-card";
import { useMutation } from "@tanstack/react-query";
import { useId, useState } from "react";
import { Button } from "@/components/ui/button.tsx";
import { NativeSelect } from "@/components/ui/native-select.tsx";
import type { BatchCommand } from "@/lib/batch/protocol.ts";
import { askForKey, credentialHeaders } from "@/lib/credentials.ts";
import { count } from "@/lib/format.ts";

const SIZES = [150, 1000, 10_000, 100_000];

async function fetchBackground(model: string): Promise<ModelBackground> {
  const response = await fetch(`/api/models/${encodeURIComponent(model)}/background`, {
    headers: credentialHeaders(),
  });
  if (response.status === 401) askForKey();
  if (!response.ok)
    throw new Error(`The server did not give its training rows: ${response.status}.`);
  return await response.json();
}

interface ExampleMakerProps {
  readonly model: string;
  readonly tell: (command: BatchCommand) => void;
}

/** Makes a table that resembles the training data, so that one can try at once. */
export function ExampleMaker({ model, tell }: ExampleMakerProps) {
  const [size, setSize] = useState(10_000);
  const [mistakes, setMistakes] = useState(true);
  const id = useId();
  const { mutate, error, isPending } = useMutation({
    mutationFn: () => fetchBackground(model),
    onSuccess: ({ rows: background }) =>
      tell({ type: "example", rows: size, mistakes, background }),
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
        <label htmlFor={`${id}mistakes`} className="flex items-start gap-2.5 text-sm">
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
