import { testGoldenRows } from "./golden-rows.ts";

testGoldenRows(10);
