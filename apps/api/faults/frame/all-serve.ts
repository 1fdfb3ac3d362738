import { eventually, type ApiProcess } from "../../test/support/api-process.ts";

/** Server processes of an API that have listened so far, those that took another's place included. */
export function listened({ log }: ApiProcess): number {
  return log.filter(({ msg }) => msg === "listening").length;
}

/** Waits until that many processes listen and have loaded the default model: the first one listens before it has. */
export async function allServe(api: ApiProcess, processes: number): Promise<void> {
  const loaded = `model_loads_total{model="iris-forest",version="1"} ${processes}\n`;
  const serve = async () => (await (await fetch(`${api.url}/metrics`)).text()).includes(loaded);
  await eventually(() => listened(api) === processes, "all processes listen");
  await eventually(serve, "all processes have loaded");
}
