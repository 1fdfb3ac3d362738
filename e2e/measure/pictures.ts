import { readFileSync, writeFileSync } from "node:fs";
import { chromium, type Page } from "@playwright/test";
import { giveFile, predict } from "../support/batch-page.ts";
import { freePort, root, startApi, startWeb } from "../support/servers.ts";
import { animatedWebp, type Frame } from "./animated-webp.ts";

// Takes the pictures of README and docs/playground.md.

const SIZE = { width: 1280, height: 800 };
/** The animation is smaller, as READMEs show it. */
const SCALE = 0.75;
const QUALITY = 75;
const STEP_MS = 90;
const PAUSE_MS = 1400;

const IMAGES = `${root}docs/images/`;

await using api = await startApi(await freePort());
await using web = await startWeb(await freePort(), api.url);
const executablePath = process.env["CHROMIUM"];
await using browser = await chromium.launch({
  ...(executablePath === undefined ? {} : { executablePath }),
  args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
});

async function open(path: string): Promise<Page> {
  const page = await browser.newPage({ viewport: SIZE, colorScheme: "light" });
  await page.goto(web.url + path);
  await page.waitForLoadState("networkidle");
  return page;
}

/** Waits until transitions have ended and the server has confirmed what the page shows. */
async function settle(page: Page): Promise<void> {
  await page.waitForTimeout(1000);
}

async function picture(page: Page, name: string): Promise<void> {
  await settle(page);
  await page.screenshot({ path: `${IMAGES}${name}.png` });
  await page.close();
}

/** The steps of two sliders from one class into another, with a pause where the models disagree. */
async function animation(page: Page): Promise<Buffer> {
  const session = await page.context().newCDPSession(page);
  const frames: Frame[] = [];
  const shoot = async (milliseconds: number) => {
    const clip = { x: 0, y: 0, ...SIZE, scale: SCALE };
    const settings = { format: "webp", quality: QUALITY, clip } as const;
    const { data } = await session.send("Page.captureScreenshot", settings);
    frames.push({ webp: Buffer.from(data, "base64"), milliseconds });
  };
  const move = async (feature: string, steps: number) => {
    await page.getByRole("slider", { name: `${feature}, slider` }).focus();
    for (let step = 0; step < steps; step += 1) {
      await page.keyboard.press("ArrowRight");
      await page.waitForTimeout(STEP_MS);
      await page.locator('tbody[aria-busy="false"]').waitFor();
      await shoot(STEP_MS);
    }
  };
  const rest = async () => {
    await settle(page);
    await shoot(PAUSE_MS);
  };
  await rest();
  await move("Petal length", 12);
  await move("Petal width", 5);
  await rest();
  await move("Petal length", 8);
  await rest();
  const { width, height } = SIZE;
  return animatedWebp(frames, { width: width * SCALE, height: height * SCALE });
}

const boundary = "/predict/iris-forest?with=iris-mlp&tab=boundary";
const playing = await open(`${boundary}&f=6,2.7,3.9,1.1`);
writeFileSync(`${IMAGES}predict.webp`, await animation(playing));
await playing.close();

const between = await open(`${boundary}&f=6,2.7,5.2,1.6`);
// A prediction of the page's own, whose time has all its parts.
await between.getByRole("slider", { name: "Petal length, slider" }).press("ArrowLeft");
await picture(between, "predict");

const batch = await open("/batch?model=iris-logistic");
await giveFile(batch, "iris.csv", readFileSync(`${root}models/datasets/iris.csv`));
await predict(batch);
const evaluation = batch.getByRole("region", { name: "Evaluation" });
await evaluation.evaluate((panel) => panel.scrollIntoView({ block: "start" }));
await picture(batch, "batch");

await picture(await open("/load?run=bench"), "load");

const lesson = await open("/lessons/2");
await lesson.getByRole("radio", { name: /^422/ }).check();
await lesson.getByRole("button", { name: "Send request" }).click();
await lesson.evaluate(() => scrollTo(0, 0));
await picture(lesson, "lesson");
