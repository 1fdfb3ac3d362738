import { type Options, useQueryStates, type UseQueryStatesKeysMap, type Values } from "nuqs";
import { useCallback } from "react";

/**
 * What the address keeps, by key, and a function that changes some of it.
 *
 * Each change writes every key: after a step of the history Next.js writes the address that it renders once more, and a
 * change that is read from the address at that moment would lose the step before it.
 */
export function useAddress<Parsers extends UseQueryStatesKeysMap>(parsers: Parsers) {
  const [state, setState] = useQueryStates(parsers);
  const change = useCallback(
    (changed: Partial<Values<Parsers>>, options?: Options) =>
      void setState((current) => ({ ...current, ...changed }), options),
    [setState],
  );
  return [state, change] as const;
}
