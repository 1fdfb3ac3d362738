import { parseArgs } from "node:util";

/** What an experiment may be told, each a whole number above 0. */
export type OptionName =
  | "connections"
  | "duration"
  | "examples"
  | "port"
  | "rate"
  | "repeats"
  | "requests"
  | "rows"
  | "seed"
  | "swaps"
  | "workers";

/** The options an experiment has, with their values. */
export type ScenarioOptions<Name extends OptionName> = Readonly<Record<Name, number>>;

const LARGEST_PORT = 65_535;

function parsed(args: readonly string[], names: readonly string[]) {
  try {
    const options = Object.fromEntries(names.map((name) => [name, { type: "string" as const }]));
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    const [first] = (error instanceof Error ? error.message : String(error)).split(/[.\n]/);
    const known = names.map((name) => `--${name}`).join(", ");
    throw new Error(`${first}; the options are ${known}`, { cause: error });
  }
}

/** Reads the options that `defaults` names; throws one line that says what is wrong. */
export function readScenarioOptions<Name extends OptionName>(
  args: readonly string[],
  defaults: ScenarioOptions<Name>,
): ScenarioOptions<Name> {
  const given = Object.entries(parsed(args, Object.keys(defaults))).map(([name, text]) => {
    const value = Number(text);
    if (!/^\d+$/.test(String(text)) || value < 1 || !Number.isSafeInteger(value)) {
      throw new Error(`--${name} is a whole number above 0, not "${text}"`);
    }
    if (name === "port" && value > LARGEST_PORT) {
      throw new Error(`--port is at most ${LARGEST_PORT}, not ${value}`);
    }
    return [name, value];
  });
  return { ...defaults, ...Object.fromEntries(given) };
}
