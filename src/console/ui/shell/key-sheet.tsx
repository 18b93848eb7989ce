import { useState } from "preact/hooks";
import { Dialog } from "../kit/index.ts";
import { SCREENS } from "../screens/index.ts";
import { areSingleKeysOn, setSingleKeys } from "./use-keys.ts";

const KEYS: readonly (readonly [keys: string, what: string])[] = [
  ["Ctrl K", "Go to a screen or a tool"],
  ["/", "Search on this screen"],
  ["j k", "Next and previous row"],
  ["Enter", "Open the row"],
  ["Esc", "Close; the focus goes back"],
  ["Ctrl Enter", "Call the tool (Inspector)"],
  ["Shift Ctrl Enter", "Explain without running (Inspector)"],
];

export function KeySheet({ onClose }: { readonly onClose: () => void }) {
  const [isOn, setIsOn] = useState(areSingleKeysOn);
  const change = (on: boolean): void => {
    setSingleKeys(on);
    setIsOn(on);
  };
  const all = [...KEYS, ...SCREENS.map(({ key, title }) => [`g ${key}`, title] as const)];
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl class="key-sheet">
        {all.map(([keys, what]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <label class="check">
        <input type="checkbox" checked={isOn} onChange={(event) => change(event.currentTarget.checked)} />
        Keys without Ctrl
      </label>
    </Dialog>
  );
}
