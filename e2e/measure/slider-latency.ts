import type { Page } from "@playwright/test";

/** Moves of the slider that are timed. */
const MOVES = 200;

declare global {
  interface Window {
    /** Milliseconds from each key press to the frame that shows its prediction. */
    sliderTimes: number[];
  }
}

function watchAnswers(): void {
  window.sliderTimes = [];
  let pressed = 0;
  addEventListener("keydown", (event) => (pressed = event.timeStamp), { capture: true });
  const result = document.querySelector('section[aria-label="Result"] [aria-busy]');
  if (result === null) throw new Error("the page shows no result");
  new MutationObserver(() => {
    if (result.getAttribute("aria-busy") !== "false") return;
    const of = pressed;
    requestAnimationFrame(() => window.sliderTimes.push(performance.now() - of));
  }).observe(result, { attributes: true, attributeFilter: ["aria-busy"] });
}

/** Milliseconds from a key press on a slider to the frame with the new result, in rising order. */
export async function sliderLatency(page: Page): Promise<number[]> {
  const slider = page.getByRole("slider", { name: "Petal length, slider" });
  await slider.focus();
  await page.evaluate(watchAnswers);
  for (let move = 0; move < MOVES; move += 1) {
    await page.keyboard.press(move % 40 < 20 ? "ArrowRight" : "ArrowLeft");
    await page.waitForFunction((count) => window.sliderTimes.length > count, move);
  }
  const times = await page.evaluate(() => window.sliderTimes);
  return times.toSorted((a, b) => a - b);
}
