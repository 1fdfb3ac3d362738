import { freePort, startApi, startWeb } from "./servers.ts";

/** Starts the API and the playground for all tests; gives what stops them. */
export default async function startServers(): Promise<() => Promise<void>> {
  const api = await startApi(await freePort());
  const web = await startWeb(await freePort(), api.url);
  process.env["SEPAL_API_URL"] = api.url;
  process.env["SEPAL_WEB_URL"] = web.url;
  return async () => {
    await web.kill();
    await api.kill();
  };
}
