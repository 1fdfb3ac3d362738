/** Escapes a text for SVG. */
export function escapeXml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

interface TextOptions {
  readonly anchor?: "start" | "middle" | "end";
  readonly style?: "title" | "quiet" | "strong" | "value";
}

/** A line of text at its baseline. */
export function svgText(
  x: number,
  y: number,
  text: string,
  { anchor = "start", style }: TextOptions = {},
): string {
  const group = style === undefined ? "" : ` class="${style}"`;
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}"${group}>${escapeXml(text)}</text>`;
}

/** Colours for a light and a dark page; a picture in a page follows the reader's choice. */
export const CHART_STYLE = `
  svg { color-scheme: light dark; }
  .page { fill: #ffffff; }
  text { font: 13px system-ui, sans-serif; fill: #1f2430; }
  .title { font-weight: 600; font-size: 16px; }
  .strong { font-weight: 600; }
  .quiet { fill: #5b6472; font-size: 12px; }
  .value { font-variant-numeric: tabular-nums; }
  .grid { stroke: #d9dde3; stroke-width: 1; }
  .whisker { stroke: #1f2430; stroke-width: 1.5; }
  .mark { stroke: #b42318; stroke-width: 1.5; stroke-dasharray: 5 4; }
  .subject { fill: #6d3fc0; stroke: #6d3fc0; }
  .reference { fill: #8b95a3; stroke: #8b95a3; }
  .other { fill: #4a8fb8; stroke: #4a8fb8; }
  .other-1 { fill: #c2701c; stroke: #c2701c; }
  .other-2 { fill: #2e8b57; stroke: #2e8b57; }
  .bar { stroke: none; }
  .line { fill: none; stroke-width: 2; }
  @media (prefers-color-scheme: dark) {
    .page { fill: #14171d; }
    text { fill: #e8eaee; }
    .quiet { fill: #a3abb8; }
    .grid { stroke: #343b47; }
    .whisker { stroke: #e8eaee; }
    .mark { stroke: #f97066; }
    .subject { fill: #a98bf0; stroke: #a98bf0; }
    .reference { fill: #7c8695; stroke: #7c8695; }
    .other { fill: #5fa8d3; stroke: #5fa8d3; }
    .other-1 { fill: #e79a4d; stroke: #e79a4d; }
    .other-2 { fill: #5cc08a; stroke: #5cc08a; }
    .line { fill: none; }
  }
`;
