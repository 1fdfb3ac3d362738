import { clsx } from "clsx";

const SHAPES = [
  "M0-5A5 5 0 1 1 0 5A5 5 0 1 1 0-5Z",
  "M0-5.8 5.4 4.4H-5.4Z",
  "M-4.5-4.5H4.5V4.5H-4.5Z",
  "M0-6 6 0 0 6-6 0Z",
  "M-1.8-5.5H1.8V-1.8H5.5V1.8H1.8V5.5H-1.8V1.8H-5.5V-1.8H-1.8Z",
  "M0 5.8-5.4-4.4H5.4Z",
];

/** Fill, stroke and text colours of a class, by index. */
const CLASS_COLOURS = [
  { fill: "fill-class-0", stroke: "stroke-class-0", background: "bg-class-0" },
  { fill: "fill-class-1", stroke: "stroke-class-1", background: "bg-class-1" },
  { fill: "fill-class-2", stroke: "stroke-class-2", background: "bg-class-2" },
  { fill: "fill-class-3", stroke: "stroke-class-3", background: "bg-class-3" },
  { fill: "fill-class-4", stroke: "stroke-class-4", background: "bg-class-4" },
  { fill: "fill-class-5", stroke: "stroke-class-5", background: "bg-class-5" },
] as const;

/** Colours of one class; classes beyond the palette start it again. */
export function classColours(index: number): (typeof CLASS_COLOURS)[number] {
  return CLASS_COLOURS[index % CLASS_COLOURS.length] ?? CLASS_COLOURS[0];
}

/** Outline of a class's mark around the origin, about 10 units wide. */
export function classShape(index: number): string {
  return SHAPES[index % SHAPES.length] ?? "";
}

interface ClassMarkProps {
  readonly index: number;
  readonly className?: string;
}

/** The mark of a class: its own shape in its own colour. */
export function ClassMark({ index, className }: ClassMarkProps) {
  return (
    <svg viewBox="-7 -7 14 14" aria-hidden="true" className={clsx("size-3.5 shrink-0", className)}>
      <path d={classShape(index)} className={classColours(index).fill} />
    </svg>
  );
}
