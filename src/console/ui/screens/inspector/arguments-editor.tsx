import { useId, useState } from "preact/hooks";
import { SchemaForm, type Problem, type Schema } from "../../form/index.ts";
import { parseJson } from "../../json/index.ts";

interface ArgumentsEditorProps {
  readonly schema: Schema;
  readonly value: unknown;
  readonly problems: readonly Problem[];
  readonly onChange: (value: unknown) => void;
}

/** The form, and beside it the same arguments as JSON: each follows the other. */
export function ArgumentsEditor({ schema, value, problems, onChange }: ArgumentsEditorProps) {
  return (
    <div class="arguments">
      <div class="arguments-form">
        <SchemaForm schema={schema} value={value} problems={problems} onChange={onChange} />
      </div>
      <RawEditor value={value} problems={problems} onChange={onChange} />
    </div>
  );
}

function RawEditor({ value, problems, onChange }: Omit<ArgumentsEditorProps, "schema">) {
  const id = useId();
  const [draft, setDraft] = useState<string>();
  const parsed = draft === undefined ? undefined : parseJson(draft);
  // What is being written stands until the form says something else.
  const isMine = parsed !== undefined && (parsed.problem !== undefined || JSON.stringify(parsed.value) === JSON.stringify(value));
  const shown = isMine && draft !== undefined ? draft : JSON.stringify(value, null, 2);
  const problem = isMine ? parsed?.problem : undefined;
  const change = (text: string): void => {
    setDraft(text);
    const next = parseJson(text);
    if (next.problem === undefined) onChange(next.value);
  };
  return (
    <div class="arguments-raw">
      <label for={id} class="field-name">
        JSON
      </label>
      <textarea
        id={id}
        class="mono"
        spellcheck={false}
        rows={Math.min(18, Math.max(5, shown.split("\n").length + 1))}
        aria-describedby={`${id}-notes`}
        aria-invalid={problem !== undefined}
        value={shown}
        onInput={(event) => change(event.currentTarget.value)}
        onBlur={() => problem === undefined && setDraft(undefined)}
      />
      <div id={`${id}-notes`} class="small" aria-live="polite">
        {problem !== undefined && <p class="wrong">{problem}</p>}
        {problem === undefined && problems.length === 0 && <p class="muted">Fits the schema.</p>}
        {problem === undefined &&
          problems.map(({ at, text }) => (
            <p key={at} class="wrong wrap">
              {at === "" ? "" : <code>{at} </code>}
              {text}
            </p>
          ))}
      </div>
    </div>
  );
}
