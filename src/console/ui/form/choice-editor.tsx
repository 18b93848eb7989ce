import { useState } from "preact/hooks";
import { fittingVariant } from "./check-value.ts";
import { variantName, type Field } from "./describe-field.ts";
import { startValue } from "./field-value.ts";
import type { Place } from "./place.ts";

interface ChoiceEditorProps {
  readonly place: Place;
  readonly field: Field;
  readonly value: unknown;
  readonly onChange: (value: unknown) => void;
}

/** One of several shapes. The one that was chosen holds while its value is being written; a value from elsewhere chooses its own. */
export function ChoiceEditor({ place, field, value, onChange }: ChoiceEditorProps) {
  const [chosen, setChosen] = useState<{ readonly at: number; readonly value: unknown }>();
  const at = chosen !== undefined && chosen.value === value ? chosen.at : fittingVariant(place.root, field.variants, value);
  const change = (to: number, next: unknown): void => {
    setChosen({ at: to, value: next });
    onChange(next);
  };
  const variant = field.variants[at];
  return (
    <div class="form-fields">
      <select
        aria-label="Shape"
        value={String(at)}
        onChange={(event) =>
          change(Number(event.currentTarget.value), startValue(place.root, field.variants[Number(event.currentTarget.value)]))
        }
      >
        {field.variants.map((each, index) => (
          <option key={index} value={String(index)}>
            {variantName(place.root, each)}
          </option>
        ))}
      </select>
      {variant !== undefined && (
        <place.Editor key={at} name="value" place={place} schema={variant} isRequired value={value} onChange={(next) => change(at, next)} />
      )}
    </div>
  );
}
