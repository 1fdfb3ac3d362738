import { InvalidArgumentError, wholeNumber, type Command } from "@sepal/command-line";
import { LOG_SINKS } from "../harness/servers.ts";
import { namesOf } from "../options.ts";
import { CALL_TARGETS, type CallTarget } from "./call-targets.ts";
import type { Conditions } from "./measure-pairs.ts";

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

type Variables = Readonly<Record<string, string>>;

/** Options of a comparison as they were given. */
export interface CompareGiven {
  readonly against?: string;
  readonly floorShare?: true;
  readonly envBase?: Variables;
  readonly envHead?: Variables;
  readonly targets?: readonly CallTarget[];
  readonly pairs: number;
  readonly turns: number;
  readonly connections: number;
  readonly log: Conditions["log"];
  readonly before: number;
  readonly unpinned?: true;
  readonly alone?: true;
  readonly busyCore?: true;
  readonly generator: Conditions["generator"];
  readonly duration?: number;
  readonly warmUp?: number;
  readonly publish?: true;
}

function readVariable(text: string, others: Variables = {}): Variables {
  const [, name, value] = /^(\w+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new InvalidArgumentError("Write NAME=value");
  }
  return { ...others, [name]: value };
}

/** Adds the options of a comparison alone; one of the first four asks for it. */
export function addCompareOptions(command: Command): Command {
  const names = CALL_TARGETS.map(({ name }) => name).join(", ");
  return command
    .option("--against <commit>", "this checkout against a commit; . is this checkout itself")
    .addOption(
      command
        .createOption(
          "--floor-share",
          "bare node:http against Sepal under several conditions (twenty minutes)",
        )
        .conflicts(["against", "envBase"]),
    )
    .option("--env-base <NAME=value>", "a setting of the base; may be repeated", readVariable)
    .option("--env-head <NAME=value>", "a setting of the head; may be repeated", readVariable)
    .option(
      "--targets <names>",
      `${names} (default: all, rest for the share of the floor)`,
      namesOf(CALL_TARGETS),
    )
    .option("--pairs <n>", "pairs of runs", wholeNumber(), 9)
    .option(
      "--turns <n>",
      "parts that the seconds of a pair are divided into, so that both sides see the same noise",
      wholeNumber(),
      4,
    )
    .option("--connections <n>", "connections", wholeNumber(), 100)
    .addOption(
      command
        .createOption("--log <sink>", "where the servers' output goes")
        .choices(LOG_SINKS)
        .default("file"),
    )
    .option(
      "--before <n>",
      "requests before each measurement, beside the warm-up",
      wholeNumber(0),
      0,
    )
    .option("--unpinned", "server and client on all cores")
    .option("--alone", "one server up at a time; both are, otherwise")
    .option("--busy-core", "a program that never waits on the server's core")
    .addOption(
      command
        .createOption(
          "--generator <name>",
          "load generator; wrk opens its connections while the clock runs",
        )
        .choices(["own", "wrk"])
        .default("own"),
    );
}

/** What a comparison does with the options given; undefined where they ask for none. */
export function compareOptions(given: CompareGiven): CompareOptions | undefined {
  const { against, floorShare = false, envBase, envHead } = given;
  const asked = against ?? envBase ?? envHead;
  if (!floorShare && asked === undefined) return undefined;
  const wanted = given.targets ?? CALL_TARGETS.filter(({ name }) => !floorShare || name === "rest");
  return {
    against: floorShare ? null : (against ?? "."),
    variables: { base: envBase ?? {}, head: envHead ?? {} },
    targets: CALL_TARGETS.filter((target) => wanted.includes(target)),
    pairs: given.pairs,
    turns: given.turns,
    seconds: given.duration ?? 3,
    warmUpSeconds: given.warmUp ?? 2,
    connections: given.connections,
    conditions: {
      log: given.log,
      pinned: given.unpinned === undefined,
      together: given.alone === undefined,
      busyCore: given.busyCore ?? false,
      requestsBefore: given.before,
      generator: given.generator,
    },
    publish: given.publish ?? false,
  };
}
