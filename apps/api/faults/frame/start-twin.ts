import { startApi, type ApiProcess } from "../../test/support/api-process.ts";

interface TwinOptions {
  readonly variables?: Readonly<Record<string, string>>;
  readonly ready?: boolean;
}

/** Starts the API with a module of `twins/` loaded first, in every process and thread, which takes a defence away. */
export function startTwin(
  module: string,
  { variables = {}, ...options }: TwinOptions = {},
): Promise<ApiProcess> {
  const { href } = new URL(`../twins/${module}`, import.meta.url);
  const NODE_OPTIONS = `--import ${href}`;
  return startApi({ ...options, variables: { ...variables, NODE_OPTIONS } });
}
