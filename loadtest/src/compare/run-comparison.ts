import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { keepOwnProcessOn, planPinning } from "../harness/host.ts";
import { printReport, writeReport } from "../report/render.ts";
import type { Report } from "../report/report.ts";
import { checkOut, bareHttp, sepalHere, sepalIn, type Side } from "./sides.ts";
import type { CompareOptions } from "./compare-options.ts";
import { compareReport } from "./compare-report.ts";
import { planPlaces, measurePair, type RunSample } from "./measure-pairs.ts";
import { floorShareReport, measureFloorShare } from "./floor-share.ts";

function titled(name: string, variables: Readonly<Record<string, string>>): string {
  const settings = Object.entries(variables).map(([key, value]) => `${key}=${value}`);
  return settings.length === 0 ? name : `${name} with ${settings.join(", ")}`;
}

function baseSide({ against, variables }: CompareOptions, folder: string): Side {
  if (against === null) return { name: "base", title: "bare node:http", peer: bareHttp() };
  if (against === ".") {
    const title = titled("this checkout", variables.base);
    return { name: "base", title, peer: sepalHere(variables.base) };
  }
  console.log(`checking out and installing ${against}`);
  const { root, commit } = checkOut(against, folder);
  const peer = sepalIn(root, variables.base);
  return { name: "base", title: titled(`commit ${commit}`, variables.base), peer };
}

async function compare(options: CompareOptions, command: string, folder: string): Promise<Report> {
  const base = baseSide(options, folder);
  const { head: variables } = options.variables;
  const title = titled("this checkout", variables);
  const head: Side = { name: "head", title, peer: sepalHere(variables) };
  const pinning = planPinning();
  const placesOf = planPlaces(pinning);
  console.log(pinning.note);
  if (pinning.client !== null) keepOwnProcessOn(pinning.client);
  const setup = { ...options, folder };
  if (options.against === null) {
    const samples = await measureFloorShare([base, head], options, setup, placesOf);
    return floorShareReport(samples, options, pinning.note, command);
  }
  const samples: RunSample[] = [];
  const missing = new Map<string, string>();
  const places = placesOf(options.conditions);
  for (let pair = 1; pair <= options.pairs; pair += 1) {
    const order = pair % 2 === 1 ? ([base, head] as const) : ([head, base] as const);
    samples.push(...(await measurePair(order, pair, { ...setup, places }, missing)));
  }
  return compareReport(samples, missing, [base, head], options, pinning.note, command);
}

/** Compares two servers, prints and writes the report. */
export async function runComparison(options: CompareOptions, command: string): Promise<void> {
  const folder = mkdtempSync(`${tmpdir()}/sepal-compare-`);
  // Also when it is interrupted.
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const report = await compare(options, command, folder);
  printReport(report);
  console.log(`\n${writeReport(report, options).join("\n")}`);
}
