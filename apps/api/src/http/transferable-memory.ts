/** The memory of bytes that holds nothing else, which can be moved or freed; `undefined` where they share it. */
export function ownMemory({ buffer, byteLength }: Uint8Array): ArrayBuffer | undefined {
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? buffer : undefined;
}

/** Bytes in memory of their own, which can be moved to another thread; copied only where they share it. */
export function ownBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const memory = ownMemory(bytes);
  return memory === undefined ? new Uint8Array(bytes) : new Uint8Array(memory);
}
