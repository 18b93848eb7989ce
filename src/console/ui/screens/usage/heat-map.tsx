import { useRef, useState } from "preact/hooks";
import { count, recordsOf } from "../../kit/index.ts";
import type { Usage } from "../../../contract-evidence.ts";

const SHADES = 5;
const HOUR_MS = 3_600_000;

interface Cell {
  readonly tool: string;
  readonly at: number;
  readonly calls: number | null;
}

/** Tools by hour. Hatched where nothing is known, empty where nothing was called. Arrow keys go from cell to cell, `Enter` opens the records. */
export function HeatMap({ usage }: { readonly usage: Usage }) {
  const { starts = [] } = usage;
  const groups = usage.groups.filter(({ key, series }) => key !== "" && series !== undefined).slice(0, 12);
  const most = Math.max(1, ...groups.flatMap(({ series }) => series?.calls.map((calls) => calls ?? 0) ?? []));
  const [at, setAt] = useState<readonly [row: number, column: number]>([0, 0]);
  const table = useRef<HTMLTableElement>(null);
  const onKeyDown = (event: KeyboardEvent): void => {
    const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (move === undefined) return;
    event.preventDefault();
    const row = Math.min(groups.length - 1, Math.max(0, at[0] + (move[0] ?? 0)));
    const column = Math.min(starts.length - 1, Math.max(0, at[1] + (move[1] ?? 0)));
    setAt([row, column]);
    table.current?.tBodies[0]?.rows[row]?.querySelectorAll("a")[column]?.focus();
  };
  return (
    <div class="table-wrap">
      <table class="heat" ref={table} onKeyDown={onKeyDown}>
        <caption class="unseen">Calls of each tool in each hour, UTC; arrow keys go from cell to cell</caption>
        <thead>
          <tr>
            <th scope="col">
              <span class="unseen">Tool</span>
            </th>
            {starts.map((start) => (
              <th key={start} scope="col">
                <span class={new Date(start).getUTCHours() % 6 === 0 ? undefined : "unseen"}>{hourOf(start)}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {groups.map(({ key, series }, row) => (
            <tr key={key}>
              <th scope="row" class="mono">
                {key}
              </th>
              {starts.map((start, column) => (
                <td key={start}>
                  <HeatCell
                    cell={{ tool: key, at: start, calls: series?.calls[column] ?? null }}
                    most={most}
                    isReached={row === at[0] && column === at[1]}
                    onFocus={() => setAt([row, column])}
                  />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface HeatCellProps {
  readonly cell: Cell;
  readonly most: number;
  /** Only one cell is a stop of the `Tab` key. */
  readonly isReached: boolean;
  readonly onFocus: () => void;
}

function HeatCell({ cell: { tool, at, calls }, most, isReached, onFocus }: HeatCellProps) {
  const says = `${tool}, ${hourOf(at)}: ${calls === null ? "no data" : `${count(calls)} calls`}`;
  const shade = calls === null ? "none" : calls === 0 ? "0" : String(Math.ceil((calls / most) * SHADES));
  const search = `tool:${tool} outcome:* since:${new Date(at).toISOString()} until:${new Date(at + HOUR_MS).toISOString()}`;
  return (
    <a
      class={`heat-cell heat-${shade}`}
      href={recordsOf(search)}
      tabIndex={isReached ? 0 : -1}
      aria-label={says}
      title={says}
      onFocus={onFocus}
    />
  );
}

const hourOf = (at: number): string => `${String(new Date(at).getUTCHours()).padStart(2, "0")}:00`;
