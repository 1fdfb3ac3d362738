/**
 * The path that a build is made for. Next.js fixes its `basePath` in the build; the playground's server puts the path of
 * each request in its place, so that one build serves below every path.
 */
export const BUILT_PREFIX = "/__sepal_path_prefix__";

/** The path below which the playground is served, in code that runs in a browser; development has none. */
export const PATH_PREFIX =
  // oxlint-disable-next-line node/no-process-env, no-restricted-properties -- a constant of the build
  process.env.NODE_ENV === "development" ? "" : BUILT_PREFIX;
