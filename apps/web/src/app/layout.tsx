import type { Metadata, Viewport } from "next";
import { cookies } from "next/headers";
import { connection } from "next/server";
import type { ReactNode } from "react";
import { Header } from "@/components/shell/header.tsx";
import { KeyDialog } from "@/components/shell/key-dialog.tsx";
import { Providers } from "@/components/shell/providers.tsx";
import { ServerBanner } from "@/components/shell/server-status.tsx";
import { fetchServerStatus } from "@/lib/server-status.ts";
import { readTheme, THEME_COOKIE } from "@/lib/theme.ts";
import { webSettings } from "@/settings.ts";
import "./globals.css";

/** What this is, and where the server stands. */
function Footer({ publicApiUrl }: { readonly publicApiUrl: string }) {
  return (
    <footer className="mt-20 border-t border-rule">
      <div className="page flex flex-wrap justify-between gap-x-8 gap-y-2 py-6 text-sm text-muted">
        <p>Sepal serves tabular ONNX models from one contract.</p>
        <p>
          API at <code className="text-ink">{publicApiUrl}</code>
        </p>
      </div>
    </footer>
  );
}

/** Title and description of views that name none of their own. */
export const metadata: Metadata = {
  title: { default: "Sepal", template: "%s · Sepal" },
  description: "Predict, compare, break and measure a tabular model in the browser.",
};

/** Colours of the browser's own frame. */
export const viewport: Viewport = {
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#fdfdfb" },
    { media: "(prefers-color-scheme: dark)", color: "#16201c" },
  ],
};

/** The frame of every view. */
export default async function RootLayout({ children }: { readonly children: ReactNode }) {
  // Settings and the nonce of the policy belong to this request, not to the build.
  await connection();
  const { API_URL, PUBLIC_API_URL } = webSettings();
  const [cookieStore, status] = await Promise.all([
    cookies(),
    fetchServerStatus(`${API_URL}/health`),
  ]);
  const theme = readTheme(cookieStore.get(THEME_COOKIE)?.value);
  return (
    <html lang="en" data-theme={theme === "system" ? undefined : theme}>
      <body className="flex flex-col">
        <a
          href="#content"
          className="absolute left-4 top-2 z-50 -translate-y-20 rounded-md bg-iris px-4 py-2 text-on-iris focus:translate-y-0"
        >
          Skip to the content
        </a>
        <Providers settings={{ publicApiUrl: PUBLIC_API_URL }} status={status}>
          <Header theme={theme} />
          <ServerBanner />
          <main id="content" tabIndex={-1} className="page grow py-(--page-space) outline-none">
            {children}
          </main>
          <Footer publicApiUrl={PUBLIC_API_URL} />
          <KeyDialog />
        </Providers>
      </body>
    </html>
  );
}
