/** What each feature added to the answer, where the server offers it. */
export function ContributionsSection({ offered }: { readonly offered: boolean }) {
  if (offered) return null;
  return (
    <section aria-labelledby="contributions">
      <h2 id="contributions" className="text-2xl">
        What each feature adds
      </h2>
      <p className="mt-3 rounded-md border border-dashed border-edge px-4 py-3 text-muted">
        Shapley values split an answer among its features. This server does not offer them for this
        model.
      </p>
    </section>
  );
}
