import { describe, expect, test } from "vitest";
import { parseDockerfile, readPairs, readWords } from "./parse-dockerfile.ts";

const TWO_STAGES = `
# syntax of the file
ARG VERSION=1.2.3
FROM node:\${VERSION}-slim AS build
WORKDIR /app
RUN one \\
# a comment between
    && two
FROM node:$VERSION-slim
COPY --from=build /app ./
CMD ["node", "main.ts"]
`;

describe("parseDockerfile", () => {
  test("splits stages, joins continued lines and fills in defaults", () => {
    const [build, last] = parseDockerfile(TWO_STAGES);
    expect(build).toEqual({
      name: "build",
      base: "node:1.2.3-slim",
      instructions: [
        { line: 5, keyword: "WORKDIR", flags: {}, rest: "/app" },
        { line: 6, keyword: "RUN", flags: {}, rest: "one && two" },
      ],
    });
    expect(last).toMatchObject({ name: "1", base: "node:1.2.3-slim" });
    expect(last?.instructions[0]).toMatchObject({
      keyword: "COPY",
      flags: { from: "build" },
      rest: "/app ./",
    });
  });

  test.each([
    ["FROM node:${VERSION}", "VERSION is not defined"],
    ["RUN true", "Dockerfile:1: RUN stands before the first FROM"],
    ["FROM a WITH b", "Dockerfile:1: FROM a WITH b is not understood"],
    ["FROM a\nRUN b \\", "Dockerfile:2: the last line is continued by none"],
    ["# nothing", "there is no FROM"],
  ])("%j is refused", (text, message) => {
    expect(() => parseDockerfile(text)).toThrow(message);
  });
});

describe("readPairs", () => {
  test("takes several, quoted or bare", () => {
    expect(readPairs('A=1 B="two words" C=')).toEqual({ A: "1", B: "two words", C: "" });
  });
});

describe("readWords", () => {
  const cmd = (rest: string) => ({ line: 7, keyword: "CMD", flags: {}, rest });

  test("reads the JSON form, also behind HEALTHCHECK CMD", () => {
    expect(readWords(cmd('["node", "a b"]'))).toEqual(["node", "a b"]);
    expect(readWords(cmd('CMD ["node"]'))).toEqual(["node"]);
  });

  test("refuses the shell form", () => {
    expect(() => readWords(cmd("node main.ts"))).toThrow("Dockerfile:7: CMD should be written");
  });
});
