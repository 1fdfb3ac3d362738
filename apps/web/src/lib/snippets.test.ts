import { expect, test } from "vitest";
import { preparation, snippet } from "./snippets.ts";

const call = {
  apiUrl: "http://localhost:8000",
  contract: "ships",
  mounted: true,
  request: { features: { fare: 1, age: null, alone: true, deck: 'it\'s "C"' } },
};

test("Python has its own words for null and booleans", () => {
  expect(snippet("python", call)).toContain(
    String.raw`json.dumps({"features":{"fare":1,"age":None,"alone":True,"deck":"it's \"C\""}})`,
  );
});

test("a shell gets quotes that it reads as such", () => {
  expect(snippet("curl", call)).toContain(String.raw`"deck":"it'\''s \"C\""}}'`);
});

test("a contract that the server mounts has its types written first", () => {
  expect(snippet("client", call)).toContain("createClient<AppRouter & MountedRouter>(");
  expect(preparation("client", call)).toContain("types http://localhost:8000");
  const iris = { ...call, contract: "iris", mounted: false };
  expect(snippet("client", iris)).toContain('createClient({ url: "http://localhost:8000" })');
  expect(preparation("client", iris)).not.toContain("types");
});
