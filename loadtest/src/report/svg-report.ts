import type { Report } from "./report.ts";
import { drawBars } from "./svg-bars.ts";
import { drawLines } from "./svg-lines.ts";
import { CHART_STYLE, escapeXml, svgText } from "./svg-text.ts";

const WIDTH = 860;

/** All charts of a report, one below the other; null when it has none. */
export function svgReport(report: Report): string | null {
  if (report.charts.length === 0) return null;
  let top = 20;
  const parts = report.charts.map((chart) => {
    const drawing = chart.kind === "bars" ? drawBars(chart, top) : drawLines(chart, top);
    top += drawing.height;
    return drawing.svg;
  });
  const { environment } = report;
  const footer = `${environment.cpu}, ${environment.cores} cores; Node ${environment.node}; ${environment.placement}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top + 30}" width="${WIDTH}" height="${top + 30}" role="img" aria-label="${escapeXml(report.title)}">`,
    `<title>${escapeXml(report.title)}</title>`,
    `<style>${CHART_STYLE}</style>`,
    `<rect class="page" width="100%" height="100%"/>`,
    ...parts,
    svgText(16, top + 10, footer, { style: "quiet" }),
    `</svg>\n`,
  ].join("\n");
}
