/** Bytes as MiB. */
export function mebibytes(bytes: number): number {
  return bytes / 2 ** 20;
}
