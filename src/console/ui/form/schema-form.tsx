import "./form.css";
import { useMemo } from "preact/hooks";
import type { Problem } from "./check-value.ts";
import { FieldEditor } from "./field-editor.tsx";
import { ObjectEditor } from "./object-editor.tsx";
import { asRecord, resolve, type Schema } from "./resolve.ts";

interface SchemaFormProps {
  readonly schema: Schema;
  readonly value: unknown;
  readonly problems: readonly Problem[];
  readonly onChange: (value: unknown) => void;
}

/** The form of a tool's arguments. What it holds is the value itself: a field is omitted, null or a value, as the call will be. */
export function SchemaForm({ schema, value, problems, onChange }: SchemaFormProps) {
  const told = useMemo(() => new Map(problems.map(({ at, text }) => [at, text])), [problems]);
  const flat = useMemo(() => resolve(schema, schema), [schema]);
  const place = { root: schema, at: "", problems: told, Editor: FieldEditor };
  const isPlain = flat["anyOf"] === undefined && flat["oneOf"] === undefined;
  if (isPlain) return <ObjectEditor place={place} schema={flat} value={asRecord(value)} onChange={onChange} />;
  return <FieldEditor place={place} name="arguments" schema={schema} value={value} isRequired onChange={onChange} />;
}
