/** `2^(i / 32)`, correctly rounded: `Math.pow` does not promise that. */
const POWERS = Float64Array.of(
  1,
  1.0218971486541166,
  1.0442737824274138,
  1.0671404006768237,
  1.0905077326652577,
  1.1143867425958924,
  1.1387886347566916,
  1.1637248587775775,
  1.189207115002721,
  1.215247359980469,
  1.241857812073484,
  1.2690509571917332,
  1.2968395546510096,
  1.3252366431597413,
  1.3542555469368927,
  1.383909881963832,
  Math.SQRT2,
  1.4451808069770467,
  1.4768261459394993,
  1.5091644275934228,
  1.5422108254079407,
  1.5759808451078865,
  1.6104903319492543,
  1.645755478153965,
  1.681792830507429,
  1.718619298122478,
  1.7562521603732995,
  1.7947090750031072,
  1.8340080864093424,
  1.8741676341103,
  1.9152065613971474,
  1.9571441241754002,
);

/** 32 / ln 2. */
const INVERSE = 46.16624130844683;

/** Coefficients of `2^(r / 32)`, `|r| <= 1/2`, the third power's first. */
const C3 = 1.6938359250920212e-6;
const C2 = 0.00023459809789509004;
const C1 = 0.021660849396613134;

/** Above: infinite. */
const LARGEST = 88.72283172607422;

/** Below: 0. */
const SMALLEST = -103.972076416015625;

/** `2^(i - 150)`, by doubling, which is exact. */
const SCALES = new Float64Array(280);
for (let index = 0, scale = 2 ** -150; index < SCALES.length; index += 1, scale *= 2) {
  SCALES[index] = scale;
}

/** Added and taken away again, it rounds to a whole number, ties to even. */
const SHIFT = 1.5 * 2 ** 52;

/** The two float32 numbers whose result depends on whether the C library multiplies and adds in one step, with theirs. */
const FUSED: ReadonlyMap<number, number> = new Map([
  [32.564632415771484, 138880149880832],
  [-63.09946060180664, 3.946866735154823e-28],
]);

/** Numbers of which every comparison with ONNX Runtime takes the exponential, as they are the hardest. */
export const HARDEST: readonly number[] = [...FUSED.keys()];

/**
 * The float32 `exp` of a float32 number, with the bits of the C library that ONNX Runtime calls on Linux.
 *
 * The method and its constants are those of Arm's optimized routines (MIT licence), which glibc has had since 2.28: a power
 * from a table times a polynomial, in doubles, rounded to float32 once. It is off by up to 0.502 units in the last place,
 * so a better `exp` gives other bits. Of all 2^32 numbers two depend on fused multiplication, which processors of the last
 * ten years have: those two are a table.
 */
export function exp32(x: number): number {
  if (x > LARGEST) return Infinity;
  if (x < SMALLEST) return 0;
  if (x !== x) return x;
  const fused = FUSED.get(x);
  if (fused !== undefined) return fused;
  const z = INVERSE * x;
  const whole = z + SHIFT - SHIFT;
  const r = z - whole;
  const index = whole & 31;
  const cubic = (C3 * r + C2) * (r * r) + (C1 * r + 1);
  const scale = SCALES[(whole - index) / 32 + 150] ?? 0;
  return Math.fround(cubic * ((POWERS[index] ?? 0) * scale));
}
