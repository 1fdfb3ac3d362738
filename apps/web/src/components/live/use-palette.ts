"use client";

import { useEffect, useState } from "react";

const DARK = "(prefers-color-scheme: dark)";

/** Colours and the face of the current scheme, as a canvas takes them. */
export interface Palette {
  /** Resolves any CSS colour, such as `var(--iris)`. */
  readonly colour: (css: string) => string;
  readonly font: string;
}

function readPalette(): Palette {
  const probe = document.createElement("span");
  probe.hidden = true;
  document.body.append(probe);
  const style = getComputedStyle(probe);
  const known = new Map<string, string>();
  const font = `12px ${style.fontFamily}`;
  return {
    font,
    colour(css) {
      const found = known.get(css);
      if (found !== undefined) return found;
      probe.style.color = css;
      const { color } = getComputedStyle(probe);
      known.set(css, color);
      return color;
    },
  };
}

/** The palette, another one whenever the scheme changes; `null` before the page is alive. */
export function usePalette(): Palette | null {
  const [palette, setPalette] = useState<Palette | null>(null);
  useEffect(() => {
    const read = () => setPalette(readPalette());
    read();
    const scheme = matchMedia(DARK);
    const observer = new MutationObserver(read);
    observer.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    scheme.addEventListener("change", read);
    return () => {
      observer.disconnect();
      scheme.removeEventListener("change", read);
    };
  }, []);
  return palette;
}
