import { parseArgs } from "node:util";
import { LOG_SINKS } from "../harness/servers.ts";
import { CALL_TARGETS, type CallTarget } from "./call-targets.ts";
import type { Conditions } from "./conditions.ts";

/** What a comparison of two servers does. */
export interface CompareOptions {
  /** A commit, `.` for this checkout, or null for the share of the floor. */
  readonly against: string | null;
  readonly variables: {
    readonly base: Readonly<Record<string, string>>;
    readonly head: Readonly<Record<string, string>>;
  };
  readonly targets: readonly CallTarget[];
  readonly pairs: number;
  /** How often a pair goes from one side to the other, target by target. */
  readonly turns: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly connections: number;
  readonly conditions: Conditions;
  /** Whether to write over the committed report. */
  readonly publish: boolean;
}

/** How to call it. */
export const COMPARE_USAGE = `pnpm bench --against <commit>   this checkout against a commit; . is this checkout itself
pnpm bench --floor-share        bare node:http against Sepal under several conditions
  [--targets ${CALL_TARGETS.map(({ name }) => name).join(",")}]
  [--pairs 9] [--turns 4] [--duration 3] [--warm-up 2] [--connections 100]
                              the seconds of a pair are divided into turns, so that both sides see the same noise
  [--env-base NAME=value] [--env-head NAME=value]   settings of one side; may be repeated
  [--busy-core]               a program that never waits on the server's core
  [--log ${LOG_SINKS.join("|")}]        where the servers' output goes
  [--before 100000]           requests before each measurement, beside the warm-up
  [--unpinned]                server and client on all cores
  [--alone]                   one server up at a time; both are, otherwise
  [--generator own|wrk]       wrk opens its connections while the clock runs
  [--publish]                 writes over the report in loadtest/reports/; otherwise into its folder local/`;

const OPTIONS = {
  against: { type: "string" },
  "floor-share": { type: "boolean", default: false },
  "env-base": { type: "string", multiple: true },
  "env-head": { type: "string", multiple: true },
  targets: { type: "string" },
  pairs: { type: "string", default: "9" },
  turns: { type: "string", default: "4" },
  duration: { type: "string", default: "3" },
  "warm-up": { type: "string", default: "2" },
  connections: { type: "string", default: "100" },
  log: { type: "string", default: "file" },
  before: { type: "string", default: "0" },
  unpinned: { type: "boolean", default: false },
  alone: { type: "boolean", default: false },
  "busy-core": { type: "boolean", default: false },
  generator: { type: "string", default: "own" },
  publish: { type: "boolean", default: false },
} as const;

/** Whether the command line asks for a comparison, rather than for the bench of the peers. */
export function wantsComparison(args: readonly string[]): boolean {
  return args.some((arg) => /^--(?:against|floor-share|env-base|env-head)(?:=|$)/.test(arg));
}

function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least) {
    throw new Error(`--${name}: "${text}" is not allowed; give a whole number from ${least}`);
  }
  return value;
}

function oneOf<T extends string>(name: string, text: string, allowed: readonly T[]): T {
  const found = allowed.find((value) => value === text);
  if (found === undefined) {
    throw new Error(`--${name}: there is no "${text}"; give ${allowed.join(" or ")}`);
  }
  return found;
}

function variablesOf(name: string, given: readonly string[] = []): Record<string, string> {
  return Object.fromEntries(
    given.map((text) => {
      const [, key, value] = /^(\w+)=(.*)$/s.exec(text) ?? [];
      if (key === undefined || value === undefined) {
        throw new Error(`--${name}: "${text}" is no setting; write NAME=value`);
      }
      return [key, value];
    }),
  );
}

function targetsOf(text: string): readonly CallTarget[] {
  const names = CALL_TARGETS.map(({ name }) => name);
  const wanted = new Set(text.split(",").map((name) => oneOf("targets", name.trim(), names)));
  return CALL_TARGETS.filter(({ name }) => wanted.has(name));
}

/** Reads the command line; throws with what is wrong with it. */
export function readCompareOptions(args: readonly string[]): CompareOptions {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const floorShare = values["floor-share"];
  if (floorShare && (values.against !== undefined || values["env-base"] !== undefined)) {
    throw new Error("--floor-share: its base is node:http; leave out --against and --env-base");
  }
  const all = CALL_TARGETS.map(({ name }) => name).join(",");
  return {
    against: floorShare ? null : (values.against ?? "."),
    variables: {
      base: variablesOf("env-base", values["env-base"]),
      head: variablesOf("env-head", values["env-head"]),
    },
    targets: targetsOf(values.targets ?? (floorShare ? "rest" : all)),
    pairs: wholeNumber("pairs", values.pairs, 1),
    turns: wholeNumber("turns", values.turns, 1),
    seconds: wholeNumber("duration", values.duration, 1),
    warmUpSeconds: wholeNumber("warm-up", values["warm-up"], 0),
    connections: wholeNumber("connections", values.connections, 1),
    conditions: {
      log: oneOf("log", values.log, LOG_SINKS),
      pinned: !values.unpinned,
      together: !values.alone,
      busyCore: values["busy-core"],
      requestsBefore: wholeNumber("before", values.before, 0),
      generator: oneOf("generator", values.generator, ["own", "wrk"]),
    },
    publish: values.publish,
  };
}
