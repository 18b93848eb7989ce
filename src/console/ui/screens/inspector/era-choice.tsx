import { useQueryState } from "../../data/index.ts";
import type { Era } from "../../../contract.ts";

const ERAS: readonly Era[] = ["2026-07-28", "2025-11-25"];

/** The revision of the protocol that calls are made in; it lives in the address. */
export function useEra(): readonly [Era, (era: string) => void] {
  const [text, set] = useQueryState("era");
  return [ERAS.find((each) => each === text) ?? "2026-07-28", set];
}

export function EraChoice({ era, onEra }: { readonly era: Era; readonly onEra: (era: string) => void }) {
  return (
    <label class="row era">
      <span class="unseen">Protocol</span>
      <select value={era} onChange={(event) => onEra(event.currentTarget.value)}>
        {ERAS.map((each) => (
          <option key={each} value={each}>
            {each}
          </option>
        ))}
      </select>
    </label>
  );
}
