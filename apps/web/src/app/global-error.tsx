"use client";

import { buttonClasses } from "@/components/ui/button.tsx";
import "./globals.css";

/** Shown when the root layout failed. */
export default function GlobalError({ reset }: { readonly reset: () => void }) {
  return (
    <html lang="en">
      <body>
        <main className="page grid gap-4 py-16">
          <title>Sepal: the playground failed</title>
          <h1 className="text-3xl">The playground failed</h1>
          <p className="text-muted">The cause is in its log.</p>
          <p>
            <button type="button" onClick={reset} className={buttonClasses()}>
              Try again
            </button>
          </p>
        </main>
      </body>
    </html>
  );
}
