import { useState } from "preact/hooks";
import { invalidate, postJson, queryOf, useMay, useQuery } from "../../data/index.ts";
import { Button } from "../../kit/index.ts";
import type { Era, SavedCall } from "../../../contract.ts";

interface SavedCallsProps {
  readonly tool: string;
  readonly value: unknown;
  readonly era: Era;
  readonly onLoad: (value: unknown) => void;
}

/** Arguments that are worth keeping, for everybody of the workspace. */
export function SavedCalls({ tool, value, era, onLoad }: SavedCallsProps) {
  const [name, setName] = useState("");
  const maySave = useMay("operator");
  const saved = useQuery<readonly SavedCall[]>(`saved-calls${queryOf({ tool })}`).data?.filter((each) => each.tool === tool) ?? [];
  const save = async (): Promise<void> => {
    await postJson("saved-calls", { name: name.trim(), tool, arguments: value, era });
    setName("");
    invalidate("saved-calls");
  };
  return (
    <div class="saved row">
      <span class="muted small">Saved calls</span>
      {saved.map((each) => (
        <Button key={each.id} onClick={() => onLoad(each.arguments)}>
          {each.name}
        </Button>
      ))}
      {saved.length === 0 && <span class="muted small">none yet</span>}
      {maySave && (
        <>
          <input
            type="text"
            class="grow"
            maxLength={80}
            aria-label="Name for these arguments"
            placeholder="name for these arguments"
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
          <Button disabled={name.trim() === ""} onClick={save}>
            Save
          </Button>
        </>
      )}
    </div>
  );
}
