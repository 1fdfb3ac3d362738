"use client";

import { contracts } from "@sepal/schema/contracts/index";
import { useState } from "react";
import { CodeBlock } from "@/components/code-block.tsx";
import {
  preparation,
  snippet,
  SNIPPET_LANGUAGES,
  SNIPPET_TITLES,
  type SnippetCall,
} from "@/lib/snippets.ts";
import { CheckIcon, CopyIcon } from "@/components/icons.tsx";
import { Button } from "@/components/ui/button.tsx";
import { rowBody } from "@/lib/row.ts";
import { Tabs } from "@/components/ui/tabs.tsx";
import type { ViewProps } from "./view-tabs.tsx";

/** Copies a text and confirms it. */
function CopyButton({ text }: { readonly text: string }) {
  const [copied, setCopied] = useState<string | null>(null);
  const done = copied === text;
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(text);
  };
  return (
    <Button size="sm" variant="ghost" onClick={() => void copy()}>
      {done ? <CheckIcon className="size-4 text-leaf" /> : <CopyIcon className="size-4" />}
      <span aria-live="polite">{done ? "Copied" : "Copy"}</span>
    </Button>
  );
}

/** The call that this page just made, as a program that runs as shown. */
export function CodePanel({ contract, features, model, publicApiUrl, state, onChoice }: ViewProps) {
  const call: SnippetCall = {
    apiUrl: publicApiUrl,
    contract: contract.name,
    mounted: !Object.hasOwn(contracts, contract.name),
    request: { features: rowBody(contract, features), ...model },
  };
  return (
    <section aria-labelledby="snippets">
      <h2 id="snippets" className="sr-only">
        Call it yourself
      </h2>
      <p className="text-[0.8125rem] text-muted">
        The same request, ready to run. The client is typed by the contract; fetch, curl and Python
        need nothing but themselves.
      </p>
      <Tabs
        label="Language"
        names={SNIPPET_LANGUAGES}
        titles={SNIPPET_TITLES}
        value={state.code}
        onChange={(code) => onChoice({ code })}
        beside={<CopyButton text={snippet(state.code, call)} />}
        className="mt-3"
      >
        {(name) => {
          const first = preparation(name, call);
          return (
            <div className="grid gap-2">
              {first !== undefined && <CodeBlock label="Installation">{first}</CodeBlock>}
              <CodeBlock label={`${SNIPPET_TITLES[name]} snippet`}>{snippet(name, call)}</CodeBlock>
            </div>
          );
        }}
      </Tabs>
    </section>
  );
}
