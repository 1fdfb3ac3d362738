import { contracts } from "@sepal/schema/contracts/index";
import { contractData, type Contract } from "@sepal/schema/define-contract";
import { webSettings } from "../settings.ts";

const compiled: Readonly<Record<string, Contract>> = contracts;

function compiledContract(name: string): Contract | undefined {
  const contract = Object.hasOwn(compiled, name) ? compiled[name] : undefined;
  return contract && contractData(contract);
}

interface ContractSource {
  readonly apiUrl: string;
  readonly apiKey: string | undefined;
}

/** A contract as the API has it now, or the one this playground was built with where the API does not respond; `undefined` where there is none. */
export async function fetchContract(
  name: string,
  { apiUrl, apiKey }: ContractSource,
): Promise<Contract | undefined> {
  try {
    const response = await fetch(`${apiUrl}/contracts/${encodeURIComponent(name)}`, {
      headers: apiKey === undefined ? {} : { "x-api-key": apiKey },
      signal: AbortSignal.timeout(4000),
    });
    if (response.status === 404) return undefined;
    if (!response.ok) return compiledContract(name);
    const { format: _, ...contract }: Contract & { format: number } = await response.json();
    return contract;
  } catch {
    return compiledContract(name);
  }
}

/** See {@link fetchContract}; of the API of this playground. */
export function findContract(name: string): Promise<Contract | undefined> {
  const { API_URL, WEB_API_KEY } = webSettings();
  return fetchContract(name, { apiUrl: API_URL, apiKey: WEB_API_KEY });
}
