interface DataTableProps {
  readonly caption: string;
  readonly head: readonly string[];
  /** Cells of each row; the first names the row. */
  readonly rows: readonly (readonly string[])[];
}

/** The numbers of a chart. */
export function DataTable({ caption, head, rows }: DataTableProps) {
  return (
    <table className="figures w-full text-right text-sm">
      <caption className="sr-only">{caption}</caption>
      <thead className="sticky top-0 bg-surface text-xs text-muted shadow-[0_1px_0_var(--rule)]">
        <tr>
          {head.map((name) => (
            <th key={name} scope="col" className="px-3 py-2 font-medium first:text-left">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(([name, ...cells]) => (
          <tr key={name} className="border-t border-rule">
            <th scope="row" className="px-3 py-1.5 text-left font-normal whitespace-nowrap">
              {name}
            </th>
            {cells.map((cell, index) => (
              <td key={head[index + 1]} className="px-3 py-1.5">
                {cell}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
