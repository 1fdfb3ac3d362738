import { readFileSync, writeFileSync } from "node:fs";

/** Good bodies for each bad one. */
const GOOD = 99;

/** What clients get wrong: each is refused with 422. */
const BAD = [
  '{"features":[5.1,3.5,1.4]}',
  '{"features":[5.1,3.5,1.4,"0.2"]}',
  '{"features":[5.1,3.5,-1.4,0.2]}',
  '{"features":[5.1,3.5,1.4,0.2],"colour":"blue"}',
];

/** Lines of good bodies in turn with one bad line in a hundred. */
export function mixed(good: readonly string[]): string[] {
  return Array.from({ length: BAD.length * (GOOD + 1) }, (_, line) => {
    const part = Math.floor(line / (GOOD + 1));
    const bad = line % (GOOD + 1) === GOOD;
    return (bad ? BAD[part] : good[(line - part) % good.length]) ?? "";
  });
}

/** Writes a file of bodies beside a file of good ones, one in a hundred bad, and gives its name. */
export function mixedBodies(file: string): string {
  const path = `${file}.mixed`;
  const good = readFileSync(file, "utf8").trimEnd().split("\n");
  writeFileSync(path, `${mixed(good).join("\n")}\n`);
  return path;
}
