import { ticks } from "@/components/predict/plot-frame.ts";
import { classColours, classShape } from "@/components/predict/class-mark.tsx";
import type { ReportLines } from "@/lib/load-report.ts";
import { formatShort } from "./format.ts";

const WIDTH = 640;
const HEIGHT = 320;
const BOX = { left: 56, right: 16, top: 12, bottom: 44 };

interface Scale {
  readonly place: (value: number) => number;
  readonly ticks: readonly number[];
}

/** Places values between `from` and `to`; powers of ten are the ticks of a logarithmic scale. */
function scale(values: number[], log: boolean, from: number, to: number): Scale {
  const positive = values.filter((value) => !log || value > 0);
  const low = log ? Math.min(...positive) : Math.min(0, ...positive);
  const high = Math.max(...positive);
  const project = log ? Math.log10 : (value: number) => value;
  const span = project(high) - project(low) || 1;
  const place = (value: number) => from + ((project(value) - project(low)) / span) * (to - from);
  if (!log) return { place, ticks: ticks(low, high || 1, 5) };
  const powers: number[] = [];
  for (let power = Math.ceil(Math.log10(low)); 10 ** power <= high; power += 1) {
    powers.push(10 ** power);
  }
  return { place, ticks: powers };
}

/** Lines over a common axis, each with a mark of its own, and named limits across. */
export function LineChart({ chart }: { readonly chart: ReportLines }) {
  const points = chart.series.flatMap((series) => series.points);
  if (points.length === 0) return null;
  const x = scale(
    points.map(([value]) => value),
    chart.x.scale === "log",
    BOX.left,
    WIDTH - BOX.right,
  );
  const yValues = [...points.map(([, value]) => value), ...chart.marks.map((mark) => mark.y)];
  const y = scale(yValues, chart.y.scale === "log", HEIGHT - BOX.bottom, BOX.top);
  const drawable = ([atX, atY]: readonly [number, number]) =>
    (chart.x.scale === "linear" || atX > 0) && (chart.y.scale === "linear" || atY > 0);
  return (
    <figure className="plate p-5">
      <figcaption className="mb-2 font-medium">{chart.title}</figcaption>
      <ul className="mb-2 flex flex-wrap gap-x-5 gap-y-1 text-sm">
        {chart.series.map(({ name }, index) => (
          <li key={name} className="flex items-center gap-2">
            <svg viewBox="-7 -7 14 14" aria-hidden="true" className="size-3">
              <path d={classShape(index)} className={classColours(index).fill} />
            </svg>
            {name}
          </li>
        ))}
      </ul>
      <svg
        role="img"
        aria-label={`${chart.title}: ${chart.y.label} over ${chart.x.label}. The numbers are in the tables below.`}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        className="h-auto w-full"
      >
        <g className="fill-muted stroke-rule text-[12px]">
          {y.ticks.map((tick) => (
            <g key={tick}>
              <path d={`M${BOX.left} ${y.place(tick)}H${WIDTH - BOX.right}`} />
              <text x={BOX.left - 8} y={y.place(tick) + 4} textAnchor="end" stroke="none">
                {formatShort(tick)}
              </text>
            </g>
          ))}
          {x.ticks.map((tick) => (
            <text
              key={tick}
              x={x.place(tick)}
              y={HEIGHT - BOX.bottom + 18}
              textAnchor="middle"
              stroke="none"
            >
              {formatShort(tick)}
            </text>
          ))}
          <text x={(WIDTH + BOX.left) / 2} y={HEIGHT - 6} textAnchor="middle" stroke="none">
            {chart.x.label}
          </text>
          <text
            transform={`translate(13 ${HEIGHT / 2}) rotate(-90)`}
            textAnchor="middle"
            stroke="none"
          >
            {chart.y.label}
          </text>
        </g>
        {chart.marks.map((mark) => (
          <g key={mark.label}>
            <path
              d={`M${BOX.left} ${y.place(mark.y)}H${WIDTH - BOX.right}`}
              className="stroke-rose"
              strokeDasharray="5 4"
            />
            <text
              x={WIDTH - BOX.right}
              y={y.place(mark.y) - 5}
              textAnchor="end"
              className="fill-rose text-[12px]"
            >
              {mark.label}
            </text>
          </g>
        ))}
        {chart.series.map((series, index) => {
          const { fill, stroke } = classColours(index);
          const places = series.points
            .filter(drawable)
            .map(([atX, atY]) => `${x.place(atX).toFixed(1)},${y.place(atY).toFixed(1)}`);
          return (
            <g key={series.name}>
              <polyline
                points={places.join(" ")}
                className={`fill-none ${stroke}`}
                strokeWidth="2"
              />
              {places.map((place) => (
                <path
                  key={place}
                  d={classShape(index)}
                  transform={`translate(${place}) scale(0.8)`}
                  className={`${fill} stroke-surface`}
                />
              ))}
            </g>
          );
        })}
      </svg>
    </figure>
  );
}
