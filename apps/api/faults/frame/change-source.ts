import { registerHooks } from "node:module";
import type { SourceChange } from "./start-changed.ts";

const changes: readonly SourceChange[] = JSON.parse(process.env["SOURCE_CHANGES"] ?? "[]");

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const here = changes.filter(({ file }) => url.endsWith(`/${file}`));
    if (here.length === 0) return loaded;
    const { source: bytes } = loaded;
    let source = typeof bytes === "string" ? bytes : new TextDecoder().decode(bytes ?? undefined);
    for (const { file, text, by } of here) {
      if (!source.includes(text)) throw new Error(`${file} has no more: ${text}`);
      source = source.replaceAll(text, () => by);
    }
    return { ...loaded, source };
  },
});
