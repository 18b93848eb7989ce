import { useState } from "preact/hooks";
import { Button } from "../kit/index.ts";
import { extraSchema, propertiesOf, startValue, withProperty } from "./field-value.ts";
import { placeBelow, type Place } from "./place.ts";
import type { Schema } from "./resolve.ts";

interface ObjectEditorProps {
  readonly place: Place;
  /** Flat. */
  readonly schema: Schema;
  readonly value: Schema;
  readonly onChange: (value: unknown) => void;
}

/** The declared properties, and those that have no declaration where they may be or already are. */
export function ObjectEditor({ place, schema, value, onChange }: ObjectEditorProps) {
  const declared = propertiesOf(place.root, schema);
  const extra = extraSchema(schema);
  const undeclared = Object.keys(value).filter((name) => declared.every((property) => property.name !== name));
  const set = (name: string, next: unknown): void => onChange(withProperty(value, name, next));
  return (
    <div class="form-fields">
      {declared.map((property) => (
        <place.Editor
          key={property.name}
          {...property}
          place={placeBelow(place, property.name)}
          value={Object.hasOwn(value, property.name) ? value[property.name] : undefined}
          onChange={(next) => set(property.name, next)}
        />
      ))}
      {undeclared.map((name) => (
        <place.Editor
          key={`extra ${name}`}
          name={name}
          schema={extra ?? {}}
          isRequired={false}
          place={placeBelow(place, name)}
          value={value[name]}
          onChange={(next) => set(name, next)}
          onRemove={() => set(name, undefined)}
        />
      ))}
      {extra !== undefined && (
        <AddProperty
          taken={[...declared.map(({ name }) => name), ...Object.keys(value)]}
          onAdd={(name) => set(name, startValue(place.root, extra))}
        />
      )}
      {declared.length === 0 && extra === undefined && <p class="muted">No arguments.</p>}
    </div>
  );
}

function AddProperty({ taken, onAdd }: { readonly taken: readonly string[]; readonly onAdd: (name: string) => void }) {
  const [name, setName] = useState("");
  const add = (): void => {
    onAdd(name);
    setName("");
  };
  return (
    <div class="row">
      <input
        type="text"
        class="grow"
        aria-label="Name of a further property"
        placeholder="further property"
        value={name}
        onInput={(event) => setName(event.currentTarget.value)}
      />
      <Button icon="plus" disabled={name === "" || taken.includes(name)} onClick={add}>
        Add
      </Button>
    </div>
  );
}
