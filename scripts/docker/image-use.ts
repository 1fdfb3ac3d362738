import { readFileSync } from "node:fs";

/** A report that lies in the playground's image. */
const REPORT = "loadtest/reports/bench.json";

/** How an image that runs is used. */
export interface ImageUse {
  /** Setting that says which port it listens on. */
  readonly portVariable: string;
  /** Uses it once; throws where the answer is wrong. */
  readonly tryOut: (url: string) => Promise<void>;
}

async function ask(path: string, url: string, init?: RequestInit): Promise<string> {
  const response = await fetch(url + path, init);
  const text = await response.text();
  console.log(`[run] ${init?.method ?? "GET"} ${path}: ${response.status}`);
  if (response.status !== 200) throw new Error(`${path} answers ${response.status}: ${text}`);
  return text;
}

/** The API predicts one row. */
export const API_USE: ImageUse = {
  portVariable: "PORT",
  async tryOut(url) {
    const text = await ask("/predict", url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ features: [5.1, 3.5, 1.4, 0.2] }),
    });
    console.log(`    ${text}`);
    if (JSON.parse(text).label !== "setosa") throw new Error("the prediction is wrong");
  },
};

/** The playground renders a page that needs no API, with its own scripts and the load reports that lie in the image. */
export const PLAYGROUND_USE: ImageUse = {
  portVariable: "WEB_PORT",
  async tryOut(url) {
    const page = await ask("/load", url);
    const script = /src="(\/_next\/static\/[^"]+\.js)"/.exec(page)?.[1];
    if (script === undefined) throw new Error("the page has no script of its own");
    await ask(script, url);
    const { title }: { title: string } = JSON.parse(readFileSync(REPORT, "utf8"));
    if (!page.includes(title)) throw new Error("there is no report");
  },
};
