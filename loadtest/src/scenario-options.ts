import { parseArgs } from "node:util";

/** Options of the experiments that load one server. */
export interface ScenarioOptions {
  readonly seconds: number;
  readonly connections: number;
  readonly port: number;
}

/** Reads `--duration`, `--connections` and `--port`; throws with what is wrong. */
export function readScenarioOptions(
  args: readonly string[],
  otherwise: ScenarioOptions,
): ScenarioOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      duration: { type: "string" },
      connections: { type: "string" },
      port: { type: "string" },
    },
  });
  const whole = (text: string | undefined, fallback: number) => {
    const value = text === undefined ? fallback : Number(text);
    if (!Number.isInteger(value) || value < 1)
      throw new Error(`"${text}" is no whole number above 0`);
    return value;
  };
  return {
    seconds: whole(values.duration, otherwise.seconds),
    connections: whole(values.connections, otherwise.connections),
    port: whole(values.port, otherwise.port),
  };
}
