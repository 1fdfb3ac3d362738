/** Argument of a worker that loads the models it needs before it listens. */
export const LOAD_FIRST = "--load-first";

/** Argument of a worker that loads all models before it listens, and ends when it would not be ready. */
export const LOAD_ALL = "--load-all";

/**
 * What comes first, to listen or to load.
 *
 * - `listen`: live at once, ready when the models are.
 * - `load`: the default and the required models, because other processes serve meanwhile; it listens when the first of them has its models, too.
 * - `load-all`: every model, and the end with 1 where the process is not ready then: it shall take the place of one that is.
 */
export type StartMode = "listen" | "load" | "load-all";

/** The mode in the arguments of a process. */
export function readStartMode(args: readonly string[]): StartMode {
  if (args.includes(LOAD_ALL)) return "load-all";
  return args.includes(LOAD_FIRST) ? "load" : "listen";
}

const UNLOADED = "--unloaded=";

/** Arguments that name a worker the unloaded models, with the stamps of their folders. */
export function unloadedArgument(unloaded: ReadonlyMap<string, string>): string[] {
  return unloaded.size === 0 ? [] : [UNLOADED + JSON.stringify([...unloaded])];
}

/** The models of {@link unloadedArgument}. */
export function readUnloaded(args: readonly string[]): ReadonlyMap<string, string> {
  const text = args.find((argument) => argument.startsWith(UNLOADED))?.slice(UNLOADED.length);
  return new Map<string, string>(text === undefined ? [] : JSON.parse(text));
}
