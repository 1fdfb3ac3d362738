"use client";

import { Tabs } from "@base-ui/react/tabs";
import { useState } from "react";
import { CodeBlock } from "@/components/code-block.tsx";
import {
  snippet,
  SNIPPET_LANGUAGES,
  SNIPPET_TITLES,
  type SnippetCall,
  type SnippetLanguage,
} from "@/lib/snippets.ts";
import { CheckIcon, CopyIcon } from "@/components/icons.tsx";
import { Button } from "@/components/ui/button.tsx";

/** Copies a text and says so. */
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

interface SnippetsSectionProps {
  readonly call: SnippetCall;
  readonly language: SnippetLanguage;
  readonly onLanguage: (language: SnippetLanguage) => void;
}

/** The call that this page just made, as a program that runs as shown. */
export function SnippetsSection({ call, language, onLanguage }: SnippetsSectionProps) {
  return (
    <section aria-labelledby="snippets">
      <h2 id="snippets" className="text-2xl">
        Call it yourself
      </h2>
      <p className="mt-1.5 max-w-2xl text-muted">
        The same request, ready to run. tRPC runs inside this workspace, Python needs its standard
        library only.
      </p>
      <Tabs.Root
        value={language}
        onValueChange={(value: SnippetLanguage) => onLanguage(value)}
        className="plate mt-4 overflow-hidden"
      >
        <div className="flex flex-wrap items-center justify-between gap-2 border-b border-rule pr-3">
          <Tabs.List aria-label="Language" className="flex">
            {SNIPPET_LANGUAGES.map((name) => (
              <Tabs.Tab
                key={name}
                value={name}
                className="border-b-2 border-transparent px-4 py-3 text-sm text-muted focus-visible:-outline-offset-2 data-active:border-iris data-active:font-semibold data-active:text-ink"
              >
                {SNIPPET_TITLES[name]}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          <CopyButton text={snippet(language, call)} />
        </div>
        {SNIPPET_LANGUAGES.map((name) => (
          <Tabs.Panel key={name} value={name} className="focus-visible:-outline-offset-2">
            <CodeBlock label={`${SNIPPET_TITLES[name]} snippet`}>{snippet(name, call)}</CodeBlock>
          </Tabs.Panel>
        ))}
      </Tabs.Root>
    </section>
  );
}
