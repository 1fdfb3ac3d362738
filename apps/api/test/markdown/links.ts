import type { Page } from "./page.ts";

const FENCED = /^ *```[^]*?^ *```$/gm;

/** The targets of a page's links and pictures; what stands in code is none. */
export function linksOf({ text }: Page): string[] {
  const prose = text.replaceAll(FENCED, "").replaceAll(/`[^`\n]*`/g, "code");
  const inline = [...prose.matchAll(/\]\(([^()\s]+(?:\([^()\s]*\)[^()\s]*)*)\)/g)];
  const bare = [...prose.matchAll(/<(https?:[^>\s]+)>/g)];
  return [...inline, ...bare].map(([, target = ""]) => target);
}

/** The anchors that GitHub gives a page's headings. */
export function anchorsOf({ text }: Page): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ""] of text.replaceAll(FENCED, "").matchAll(/^#{1,6} +(.+)$/gm)) {
    const words = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").replaceAll(/[`*]/g, "");
    const name = words
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M}_\- ]/gu, "")
      .replaceAll(" ", "-");
    let anchor = name;
    for (let count = 1; anchors.has(anchor); count += 1) anchor = `${name}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** The scripts of package.json that a page names, in code or in a block. */
export function scriptsIn({ text }: Page): string[] {
  const code = text.match(/^ *```[^]*?^ *```$|`[^`\n]+`/gm) ?? [];
  return code.flatMap((part) =>
    [...part.matchAll(/(?:npx -y pnpm@12|\bpnpm) (?:--silent )?([a-z]+(?::[a-z]+)*)/g)].map(
      ([, name = ""]) => name,
    ),
  );
}
