/** A frame: a whole WebP file, and how long it is shown, in milliseconds. */
export interface Frame {
  readonly webp: Buffer;
  readonly milliseconds: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** A number of RIFF, little-endian. */
function whole(value: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntLE(value, 0, bytes);
  return buffer;
}

function chunk(name: string, ...parts: readonly Buffer[]): Buffer {
  const payload = Buffer.concat(parts);
  // Chunks begin at even places.
  const padding = Buffer.alloc(payload.length % 2);
  return Buffer.concat([Buffer.from(name), whole(payload.length, 4), payload, padding]);
}

const HEADER_BYTES = 12;

/** The chunks of a still picture that hold its pixels. */
function pixels(webp: Buffer): Buffer {
  const found: Buffer[] = [];
  for (let at = HEADER_BYTES; at < webp.length;) {
    const name = webp.toString("latin1", at, at + 4);
    const length = webp.readUInt32LE(at + 4);
    const end = at + 8 + length + (length % 2);
    if (name.startsWith("VP8") && name !== "VP8X") found.push(webp.subarray(at, end));
    at = end;
  }
  return Buffer.concat(found);
}

const ANIMATED = 0b10;
/** Shown as it is, over what was there. */
const NOT_BLENDED = 0b10;

/** Joins whole pictures of one size to an animation that repeats without end (WebP container, RFC 9649). */
export function animatedWebp(frames: readonly Frame[], { width, height }: Size): Buffer {
  const size = Buffer.concat([whole(width - 1, 3), whole(height - 1, 3)]);
  const body = Buffer.concat([
    Buffer.from("WEBP"),
    chunk("VP8X", whole(ANIMATED, 4), size),
    chunk("ANIM", whole(0xff_ff_ff_ff, 4), whole(0, 2)),
    ...frames.map(({ webp, milliseconds }) =>
      chunk("ANMF", whole(0, 6), size, whole(milliseconds, 3), whole(NOT_BLENDED, 1), pixels(webp)),
    ),
  ]);
  return Buffer.concat([Buffer.from("RIFF"), whole(body.length, 4), body]);
}
