/** What this is, and where the server stands. */
export function Footer({ publicApiUrl }: { readonly publicApiUrl: string }) {
  return (
    <footer className="mt-20 border-t border-rule">
      <div className="page flex flex-wrap justify-between gap-x-8 gap-y-2 py-6 text-sm text-muted">
        <p>Sepal serves tabular ONNX classifiers from one contract.</p>
        <p>
          API at <code className="text-ink">{publicApiUrl}</code>
        </p>
      </div>
    </footer>
  );
}
