import { execFile } from "node:child_process";
import { promisify } from "node:util";

const RUNS = 3;

const CATEGORIES = ["performance", "accessibility", "best-practices"] as const;

type Scores = Record<(typeof CATEGORIES)[number], number>;

interface LighthouseReport {
  readonly categories: Record<string, { readonly score: number | null } | undefined>;
}

async function runLighthouse(url: string, preset: readonly string[]): Promise<Scores> {
  const { stdout } = await promisify(execFile)(
    "npx",
    [
      "-y",
      "lighthouse@13",
      url,
      "--quiet",
      "--output=json",
      ...preset,
      `--only-categories=${CATEGORIES.join(",")}`,
      "--chrome-flags=--headless=new --no-sandbox",
    ],
    { maxBuffer: 2 ** 28, env: { ...process.env, CHROME_PATH: process.env["CHROMIUM"] } },
  );
  const { categories }: LighthouseReport = JSON.parse(stdout);
  const score = (name: string) => Math.round((categories[name]?.score ?? 0) * 100);
  return {
    performance: score("performance"),
    accessibility: score("accessibility"),
    "best-practices": score("best-practices"),
  };
}

/** Lighthouse's scores of a page, from 0 to 100: three runs each with the desktop and the mobile preset. */
export async function lighthouseScores(
  url: string,
): Promise<Record<"desktop" | "mobile", Scores[]>> {
  const scores = { desktop: [] as Scores[], mobile: [] as Scores[] };
  for (let run = 0; run < RUNS; run += 1) {
    scores.desktop.push(await runLighthouse(url, ["--preset=desktop"]));
    scores.mobile.push(await runLighthouse(url, []));
  }
  return scores;
}
