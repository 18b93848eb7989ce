import { Button } from "../kit/index.ts";
import { itemSchema, startValue, withItem } from "./field-value.ts";
import { placeBelow, type Place } from "./place.ts";
import { asList, type Schema } from "./resolve.ts";

interface ArrayEditorProps {
  readonly place: Place;
  readonly schema: Schema;
  readonly value: unknown;
  readonly onChange: (value: unknown) => void;
}

export function ArrayEditor({ place, schema, value, onChange }: ArrayEditorProps) {
  const items = asList(value);
  return (
    <div class="form-fields">
      {items.map((item, at) => (
        <place.Editor
          key={at}
          name={`item ${at + 1}`}
          schema={itemSchema(schema, at)}
          isRequired
          place={placeBelow(place, at)}
          value={item}
          onChange={(next) => onChange(withItem(items, at, next))}
          onRemove={() => onChange(withItem(items, at, undefined))}
        />
      ))}
      <div class="row">
        <Button icon="plus" onClick={() => onChange([...items, startValue(place.root, itemSchema(schema, items.length)) ?? null])}>
          Add item
        </Button>
        {items.length === 0 && <span class="muted small">An empty list is sent.</span>}
      </div>
    </div>
  );
}
