"use client";

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
import { Tabs } from "@/components/ui/tabs.tsx";

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
      <Tabs
        label="Language"
        names={SNIPPET_LANGUAGES}
        titles={SNIPPET_TITLES}
        value={language}
        onChange={onLanguage}
        beside={<CopyButton text={snippet(language, call)} />}
        className="mt-4"
      >
        {(name) => (
          <CodeBlock label={`${SNIPPET_TITLES[name]} snippet`}>{snippet(name, call)}</CodeBlock>
        )}
      </Tabs>
    </section>
  );
}
