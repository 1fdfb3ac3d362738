import { InvalidArgumentError, port, wholeNumber, type Command } from "@sepal/command-line";

/** Options of a command, each a whole number above 0: the default, and what it counts. */
export type OptionSpecs = Readonly<
  Record<string, readonly [fallback: number | "random", counts: string]>
>;

/** Values of the options of {@link OptionSpecs}. */
export type OptionValues<Specs extends OptionSpecs> = { readonly [Name in keyof Specs]: number };

/** Adds options of whole numbers, with what they count and their defaults. */
export function addNumbers(command: Command, specs: OptionSpecs): Command {
  for (const [name, [fallback, counts]] of Object.entries(specs)) {
    const text = fallback === "random" ? `${counts} (default: random)` : counts;
    const option = command
      .createOption(`--${name} <n>`, text)
      .argParser(name === "port" ? port : wholeNumber());
    command.addOption(fallback === "random" ? option : option.default(fallback));
  }
  return command;
}

/** The default of each option. */
export function defaultsOf<Specs extends OptionSpecs>(specs: Specs): OptionValues<Specs> {
  const random = () => 1 + Math.floor(Math.random() * 2 ** 31);
  const values = Object.entries(specs).map(([name, [fallback]]) => [
    name,
    fallback === "random" ? random() : fallback,
  ]);
  return Object.fromEntries(values) as OptionValues<Specs>; // the entries are those of `specs`
}

/** The options of a command that was parsed. */
export function numbersOf<Specs extends OptionSpecs>(
  command: Command,
  specs: Specs,
): OptionValues<Specs> {
  const given = Object.entries(command.opts<Partial<OptionValues<Specs>>>());
  const own = given.filter(([name]) => Object.hasOwn(specs, name));
  return { ...defaultsOf(specs), ...Object.fromEntries(own) };
}

/** Reads names with commas between them, as the parser of an option. */
export function namesOf<T extends { readonly name: string }>(
  all: readonly T[],
): (text: string) => readonly T[] {
  return (text) =>
    text.split(",").map((name) => {
      const found = all.find((item) => item.name === name.trim());
      if (found !== undefined) return found;
      const names = all.map(({ name }) => name).join(", ");
      throw new InvalidArgumentError(`There is no "${name.trim()}"; there are: ${names}`);
    });
}
