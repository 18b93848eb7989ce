import type { ComponentChildren, TargetedKeyboardEvent } from "preact";
import { useRef } from "preact/hooks";

export interface Column<Row> {
  readonly id: string;
  readonly title: ComponentChildren;
  readonly cell: (row: Row) => ComponentChildren;
  /** Numbers stand at the right. */
  readonly isNumber?: boolean;
}

interface TableProps<Row> {
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string | number;
  /** Makes the rows reachable: `j` and `k` or the arrows go through them, `Enter` opens. The first cell should hold a link or a button too. */
  readonly onOpen?: (row: Row) => void;
  readonly selected?: string | number | undefined;
}

const STEPS: Readonly<Record<string, number>> = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };

/** Scrolls sideways by itself when it is wider than the screen. */
export function Table<Row>({ caption, columns, rows, rowKey, onOpen, selected }: TableProps<Row>) {
  const body = useRef<HTMLTableSectionElement>(null);
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLTableRowElement>, row: Row): void => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = STEPS[event.key];
    if (event.key === "Enter") onOpen?.(row);
    else if (step === undefined) return;
    else {
      const all = [...(body.current?.rows ?? [])];
      all[all.indexOf(event.currentTarget) + step]?.focus();
    }
    event.preventDefault();
  };
  const opens = onOpen !== undefined;
  return (
    <div class="table-wrap" tabIndex={opens ? undefined : 0} role="region" aria-label={caption}>
      <table class={opens ? "table opens" : "table"}>
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ id, title, isNumber }) => (
              <th key={id} scope="col" class={isNumber === true ? "number" : undefined}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody ref={body}>
          {rows.map((row) => (
            <tr
              key={rowKey(row)}
              tabIndex={opens ? 0 : undefined}
              class={rowKey(row) === selected ? "selected" : undefined}
              onClick={opens ? () => onOpen(row) : undefined}
              onKeyDown={opens ? (event) => onKeyDown(event, row) : undefined}
            >
              {columns.map(({ id, cell, isNumber }) => (
                <td key={id} class={isNumber === true ? "number" : undefined}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
