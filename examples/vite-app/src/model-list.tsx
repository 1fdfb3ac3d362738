import { toFailure } from "@sepal/client";
import { useQuery } from "@tanstack/react-query";
import { trpc } from "./sepal.ts";

/** The models that the server has, with their state. */
export function ModelList() {
  const { data, error } = useQuery(trpc.models.list.queryOptions());
  if (error !== null) return <p role="alert">{toFailure(error).message}</p>;
  return (
    <ul>
      {data?.models.map(({ name, contract, state }) => (
        <li key={name}>
          {name}, {contract}: {state}
        </li>
      ))}
    </ul>
  );
}
