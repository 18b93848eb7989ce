import { useState } from "preact/hooks";
import type { Field } from "./describe-field.ts";
import { numberOf } from "./field-value.ts";

interface PlainEditorProps {
  readonly id: string;
  readonly field: Field;
  readonly value: unknown;
  readonly isWrong: boolean;
  readonly onChange: (value: unknown) => void;
}

/** From this length on a text gets more than one line. */
const LONG_TEXT = 200;

export function PlainEditor(props: PlainEditorProps) {
  const { field } = props;
  if (field.kind === "boolean") return <SelectEditor {...props} options={[true, false]} />;
  if (field.kind === "enum") return <SelectEditor {...props} options={field.options} />;
  if (field.kind === "null") return <SelectEditor {...props} options={[]} />;
  if (field.kind === "number" || field.kind === "integer") return <NumberEditor {...props} />;
  return field.kind === "text" ? <TextEditor {...props} /> : <JsonEditor {...props} />;
}

const attributes = ({ id, isWrong }: PlainEditorProps) => ({ id, "aria-describedby": `${id}-notes`, "aria-invalid": isWrong });

function placeholderOf({ value }: PlainEditorProps): string {
  if (value === undefined) return "omitted";
  return value === null ? "null" : "empty";
}

function TextEditor(props: PlainEditorProps) {
  const { field, value, onChange } = props;
  const shown = value === undefined || value === null ? "" : typeof value === "string" ? value : JSON.stringify(value);
  const shared = { ...attributes(props), placeholder: placeholderOf(props), value: shown, spellcheck: false };
  const isLong = Number(field.schema["maxLength"] ?? 0) > LONG_TEXT || shown.includes("\n") || shown.length > 80;
  if (isLong) return <textarea {...shared} rows={4} onInput={(event) => onChange(event.currentTarget.value)} />;
  return <input type="text" {...shared} autocomplete="off" onInput={(event) => onChange(event.currentTarget.value)} />;
}

function NumberEditor(props: PlainEditorProps) {
  const { value, onChange } = props;
  // What is being written ("1.", "-") stands until the value is changed from elsewhere.
  const [draft, setDraft] = useState("");
  const written = value === undefined || value === null ? "" : typeof value === "string" ? value : JSON.stringify(value);
  const shown = numberOf(draft) === value ? draft : written;
  const change = (text: string): void => {
    setDraft(text);
    onChange(numberOf(text));
  };
  return (
    <input
      type="text"
      inputMode="decimal"
      autocomplete="off"
      {...attributes(props)}
      placeholder={placeholderOf(props)}
      value={shown}
      onInput={(event) => change(event.currentTarget.value)}
    />
  );
}

const OMIT = "omit";
const NULL = "null";
const OTHER = "other";

/** One select says it all: omitted, null, or one of the values. A value that is none of them is shown as it is. */
function SelectEditor({ options, ...props }: PlainEditorProps & { readonly options: readonly unknown[] }) {
  const { field, value, onChange } = props;
  const at = options.findIndex((option) => JSON.stringify(option) === JSON.stringify(value));
  const now = value === undefined ? OMIT : value === null ? NULL : at < 0 ? OTHER : String(at);
  const change = (to: string): void => {
    if (to !== OTHER) onChange(to === OMIT ? undefined : to === NULL ? null : options[Number(to)]);
  };
  return (
    <select {...attributes(props)} value={now} onChange={(event) => change(event.currentTarget.value)}>
      <option value={OMIT}>(omitted)</option>
      {(field.isNullable || field.kind === "null" || value === null) && <option value={NULL}>null</option>}
      {options.map((option, index) => (
        <option key={index} value={String(index)}>
          {typeof option === "string" ? option : JSON.stringify(option)}
        </option>
      ))}
      {now === OTHER && <option value={OTHER}>{JSON.stringify(value)}</option>}
    </select>
  );
}

/** Where the schema says nothing, any JSON may be written; what is no JSON is a text. */
function JsonEditor(props: PlainEditorProps) {
  const { value, onChange } = props;
  const [draft, setDraft] = useState<string>();
  const isMine = draft !== undefined && JSON.stringify(jsonOf(draft)) === JSON.stringify(value);
  const shown = isMine ? draft : value === undefined ? "" : JSON.stringify(value);
  const change = (text: string): void => {
    setDraft(text);
    onChange(jsonOf(text));
  };
  return (
    <textarea
      class="mono"
      rows={shown.length > 60 ? 4 : 1}
      spellcheck={false}
      {...attributes(props)}
      placeholder={value === undefined ? "omitted; any JSON" : ""}
      value={shown}
      onInput={(event) => change(event.currentTarget.value)}
    />
  );
}

function jsonOf(text: string): unknown {
  if (text.trim() === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
