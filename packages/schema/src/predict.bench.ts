import { test } from "vitest";
import * as z from "zod";
import { iris } from "./contracts/iris.ts";
import { shortestFloat32 } from "./float32.ts";
import { predictBatchRequest, predictRequest } from "./predict.ts";

const strict = { strict: true };

test("contract check of one prediction", async ({ bench }) => {
  const body = { features: [5.1, 3.5, 1.4, 0.2] };
  const plain = predictRequest(iris);
  const compiled = z.compile(plain, strict);
  await bench.compare(
    bench("plain", () => void plain.safeParse(body)),
    bench("compiled", () => void compiled.safeParse(body)),
  );
});

test("contract check of 10,000 rows", async ({ bench }) => {
  const body = { rows: Array.from({ length: 10_000 }, () => [5.1, 3.5, 1.4, 0.2]) };
  const plain = predictBatchRequest(iris);
  const compiled = z.compile(plain, strict);
  await bench.compare(
    bench("plain", () => void plain.safeParse(body)),
    bench("compiled", () => void compiled.safeParse(body)),
  );
});

test("shortest decimal of 150 float32", async ({ bench }) => {
  const few = Float32Array.from({ length: 150 }, (_, index) => (index % 51) / 50);
  const any = Float32Array.from({ length: 150 }, (_, index) => (index + 0.37) / 151.3);
  await bench.compare(
    bench("of a forest", () => few.forEach(shortestFloat32)),
    bench("of a neural network", () => any.forEach(shortestFloat32)),
  );
});
