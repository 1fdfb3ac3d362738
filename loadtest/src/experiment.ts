import { defaultsOf, type OptionSpecs, type OptionValues } from "./options.ts";
import { buildReport, sepalVersions } from "./report/build-report.ts";
import type { Report, ReportTable, Verdict } from "./report/report.ts";

/** The option of all experiments that start servers. */
export const PORT = [18_390, "port of the first server; a second one takes the next"] as const;

/** What a run brings back, beside what the experiment needs for its own report. */
export interface Measured<Run> {
  /** Every single run; they become the samples of the report. */
  readonly runs: readonly Run[];
  /** How the processes are placed on the cores; absent, not pinned. */
  readonly placement?: string;
  /** Load generators with their versions. */
  readonly generators: readonly string[];
  /** Conditions beside the options. */
  readonly parameters?: Report["parameters"];
  /** Whether the figures are of a part only, which is no report. */
  readonly partial?: boolean;
  /** Whether the command has to fail, whatever the verdicts. */
  readonly failed?: boolean;
}

/** An experiment: what it asks, how it measures, and how the result is judged and shown. */
interface Definition<Specs extends OptionSpecs, Result extends Measured<object>> {
  /** The word after `pnpm loadtest`, and the name of its report's files. */
  readonly name: string;
  /** What it asks, for `--help`. */
  readonly asks: string;
  /** The script that starts it, where that is not `loadtest <name>`. */
  readonly script?: string;
  readonly options: Specs;
  /** What further arguments are, where it takes any. */
  readonly takes?: string;
  run(options: OptionValues<Specs>, args: readonly string[]): Promise<Result>;
  title(options: OptionValues<Specs>): string;
  summary(result: Result, options: OptionValues<Specs>): string[];
  targets(result: Result, options: OptionValues<Specs>): Verdict[];
  tables(result: Result, options: OptionValues<Specs>): ReportTable[];
  charts(result: Result, options: OptionValues<Specs>): Report["charts"];
}

/** What a command starts. */
export interface Experiment<Specs extends OptionSpecs = OptionSpecs> {
  readonly name: string;
  readonly asks: string;
  readonly script: string;
  readonly options: OptionSpecs;
  readonly takes: string | undefined;
  /** Measures; options that are not given have their defaults. */
  measure(
    given: Partial<OptionValues<Specs>>,
    command?: string,
    args?: readonly string[],
  ): Promise<{ report: Report; partial: boolean; failed: boolean }>;
}

/** Makes an experiment whose result is judged, shown and written like that of every other. */
export function defineExperiment<const Specs extends OptionSpecs, Result extends Measured<object>>(
  definition: Definition<Specs, Result>,
): Experiment<Specs> & {
  report(result: Result, options: OptionValues<Specs>, command: string): Report;
} {
  const { name, asks, options: specs, takes } = definition;
  const script = definition.script ?? `loadtest ${name}`;

  function report(result: Result, options: OptionValues<Specs>, command: string): Report {
    const parameters = Object.entries(specs).flatMap(([name, [, counts]]) =>
      name === "port" ? [] : [[counts, options[name as keyof Specs]] as const],
    );
    return buildReport({
      name,
      title: definition.title(options),
      summary: definition.summary(result, options),
      command,
      parameters: { ...Object.fromEntries(parameters), ...result.parameters },
      placement: result.placement ?? "not pinned",
      generators: [...result.generators],
      versions: { Sepal: sepalVersions() },
      verdicts: definition.targets(result, options),
      tables: definition.tables(result, options),
      charts: definition.charts(result, options),
      runs: result.runs,
    });
  }

  return {
    name,
    asks,
    script,
    options: specs,
    takes,
    report,
    async measure(given, command = `npx -y pnpm@12 ${script}`, args = []) {
      const options = { ...defaultsOf(specs), ...given };
      const result = await definition.run(options, args);
      return {
        report: report(result, options, command),
        partial: result.partial ?? false,
        failed: result.failed ?? false,
      };
    },
  };
}
