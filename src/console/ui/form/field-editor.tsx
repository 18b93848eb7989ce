import { useId, useMemo } from "preact/hooks";
import { Button } from "../kit/index.ts";
import { ArrayEditor } from "./array-editor.tsx";
import { ChoiceEditor } from "./choice-editor.tsx";
import { describeField, type Field } from "./describe-field.ts";
import { startValue } from "./field-value.ts";
import { ObjectEditor } from "./object-editor.tsx";
import type { FieldEditorProps } from "./place.ts";
import { PlainEditor } from "./plain-editor.tsx";
import { asRecord } from "./resolve.ts";

const GROUPS = new Set(["array", "object", "choice"]);

export function FieldEditor({ place, name, schema, value, isRequired, onChange, onRemove }: FieldEditorProps) {
  const id = useId();
  const field = useMemo(() => describeField(place.root, schema), [place.root, schema]);
  const problem = value === undefined && !isRequired ? undefined : place.problems.get(place.at);
  const isGroup = GROUPS.has(field.kind);
  const label = (
    <span class="field-name">
      {field.title === undefined || field.title === name ? <code>{name}</code> : `${field.title} `}
      {field.title !== undefined && field.title !== name && <code>{name}</code>}
      {isRequired && <span class="required"> required</span>}
    </span>
  );
  const about = (
    <>
      <span class="field-type">{field.typeText}</span>
      <span class="grow" />
      <Presence {...{ place, schema, field, value, name, onChange }} />
      {onRemove !== undefined && <Button kind="quiet" icon="cross" label={`Remove ${name}`} onClick={onRemove} />}
    </>
  );
  const notes = <Notes id={id} field={field} problem={problem} />;
  if (isGroup) {
    return (
      <fieldset class="form-group" aria-describedby={`${id}-notes`}>
        <legend class="unseen">{name}</legend>
        <div class="field-head">
          {label}
          {about}
        </div>
        {notes}
        <GroupBody {...{ place, field, value, onChange }} />
      </fieldset>
    );
  }
  return (
    <div class="form-field">
      <div class="field-head">
        <label for={id}>{label}</label>
        {about}
      </div>
      <PlainEditor {...{ id, field, value, onChange }} isWrong={problem !== undefined} />
      {notes}
    </div>
  );
}

function Notes({ id, field, problem }: { readonly id: string; readonly field: Field; readonly problem: string | undefined }) {
  return (
    <div id={`${id}-notes`} class="field-notes">
      {field.description !== undefined && <p class="wrap">{field.description}</p>}
      {field.limits.length > 0 && <p class="field-type wrap">{field.limits.join(" · ")}</p>}
      {problem !== undefined && <p class="wrong wrap">{problem}</p>}
    </div>
  );
}

function GroupBody({ place, field, value, onChange }: Pick<FieldEditorProps, "place" | "value" | "onChange"> & { readonly field: Field }) {
  if (value === undefined || value === null) return null;
  if (field.kind === "choice") return <ChoiceEditor {...{ place, field, value, onChange }} />;
  if (field.kind === "array") return <ArrayEditor {...{ place, value, onChange }} schema={field.schema} />;
  return <ObjectEditor {...{ place, onChange }} schema={field.schema} value={asRecord(value)} />;
}

interface PresenceProps extends Pick<FieldEditorProps, "place" | "schema" | "value" | "name" | "onChange"> {
  readonly field: Field;
}

/** Omitted, null or a value: said for each field, for each of them means something else to a tool. */
function Presence({ place, schema, field, value, name, onChange }: PresenceProps) {
  // Their one select offers all of it.
  if (field.kind === "boolean" || field.kind === "enum" || field.kind === "null") return null;
  const now = value === undefined ? "omit" : value === null ? "null" : "value";
  const change = (to: string): void => {
    if (to === "omit") onChange(undefined);
    else if (to === "null") onChange(null);
    else if (now !== "value") onChange(notNull(startValue(place.root, schema), field));
  };
  return (
    <select
      class="presence"
      aria-label={`${name}: omitted, null or a value`}
      value={now}
      onChange={(event) => change(event.currentTarget.value)}
    >
      <option value="omit">omitted</option>
      {(field.isNullable || value === null) && <option value="null">null</option>}
      <option value="value">value</option>
    </select>
  );
}

/** A field whose default is null still has a value to begin with. */
function notNull(value: unknown, field: Field): unknown {
  if (value !== null || field.kind === "any") return value ?? "";
  if (field.kind === "array") return [];
  if (field.kind === "object") return {};
  return field.kind === "number" || field.kind === "integer" ? 0 : "";
}
