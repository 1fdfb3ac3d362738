"use client";

import { queryOptions, useQuery } from "@tanstack/react-query";
import type { Contract } from "@sepal/schema/define-contract";
import { PATH_PREFIX } from "./path-prefix.ts";

/** A query for a contract by name; `null` where there is none. */
export function contractQuery(name: string) {
  return queryOptions({
    queryKey: ["contract", name],
    queryFn: async ({ signal }): Promise<Contract | null> => {
      const url = `${PATH_PREFIX}/contracts/${encodeURIComponent(name)}`;
      const response = await fetch(url, { signal });
      if (response.status === 404) return null;
      if (!response.ok) throw new Error(`the contract request returned ${response.status}`);
      return await response.json();
    },
    staleTime: 60_000,
  });
}

/** A contract by name, where `known` has one that came with the page; `undefined` until it is here. */
export function useContract(name: string, known: Contract | null): Contract | null | undefined {
  const initial = known?.name === name ? { initialData: known } : {};
  return useQuery({ ...contractQuery(name), ...initial }).data;
}
