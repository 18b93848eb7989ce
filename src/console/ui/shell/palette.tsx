import { useLocation } from "preact-iso";
import { useId, useState } from "preact/hooks";
import type { Surface } from "../../contract.ts";
import { useQuery } from "../data/index.ts";
import { Dialog } from "../kit/index.ts";
import { SCREENS } from "../screens/index.ts";
import { addressOf } from "./route.ts";

interface Entry {
  readonly id: string;
  readonly kind: string;
  readonly text: string;
  readonly href: string;
}

const MOST = 12;

/** `Ctrl K`: a screen, a tool, or a record by its number (ARIA combobox with a listbox). */
export function Palette({ onClose }: { readonly onClose: () => void }) {
  const { route } = useLocation();
  const id = useId();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const found = matching(useEntries(text), text).slice(0, MOST);
  const chosen = Math.min(at, found.length - 1);
  const go = (entry: Entry | undefined): void => {
    if (entry === undefined) return;
    onClose();
    route(entry.href);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "ArrowDown") setAt(Math.min(chosen + 1, found.length - 1));
    else if (event.key === "ArrowUp") setAt(Math.max(chosen - 1, 0));
    else if (event.key === "Enter") go(found[chosen]);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog title="Go to" onClose={onClose}>
      <input
        type="text"
        role="combobox"
        aria-label="Screen, tool or record number"
        aria-expanded={found.length > 0}
        aria-controls={id}
        aria-activedescendant={found[chosen] === undefined ? undefined : `${id}-${chosen}`}
        autoFocus
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <ul id={id} role="listbox" aria-label="Found" class="palette">
        {found.map((entry, index) => (
          <li key={entry.id} id={`${id}-${index}`} role="option" aria-selected={index === chosen} onClick={() => go(entry)}>
            <span class="grow wrap">{entry.text}</span>
            <span class="muted small">{entry.kind}</span>
          </li>
        ))}
      </ul>
      {found.length === 0 && <p class="muted">Nothing has this name.</p>}
    </Dialog>
  );
}

function useEntries(text: string): readonly Entry[] {
  const surface = useQuery<Surface>("surface").data;
  const number = /^#?(\d+)$/.exec(text.trim())?.[1];
  return [
    ...(number === undefined ? [] : [{ id: "record", kind: "record", text: `Record ${number}`, href: `/console/ledger/${number}` }]),
    ...SCREENS.map((screen) => ({ id: `screen ${screen.path}`, kind: "screen", text: screen.title, href: addressOf(screen) })),
    ...(surface?.tools ?? []).map(({ name }) => ({
      id: `tool ${name}`,
      kind: "tool",
      text: name,
      href: `/console/inspector?tool=${encodeURIComponent(name)}`,
    })),
  ];
}

function matching(entries: readonly Entry[], text: string): readonly Entry[] {
  const words = text.toLowerCase().split(/\s+/);
  return entries.filter((entry) => entry.id === "record" || words.every((word) => entry.text.toLowerCase().includes(word)));
}
