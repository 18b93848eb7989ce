import type { ComponentType } from "preact";
import type { Schema } from "./resolve.ts";

/** Where in the form an editor stands. */
export interface Place {
  readonly root: Schema;
  /** JSON Pointer into the arguments. */
  readonly at: string;
  readonly problems: ReadonlyMap<string, string>;
  /** Draws what stands below: editors hold editors, and so they know each other only through this. */
  readonly Editor: ComponentType<FieldEditorProps>;
}

export interface FieldEditorProps {
  readonly place: Place;
  readonly name: string;
  readonly schema: unknown;
  /** `undefined` is omitted. */
  readonly value: unknown;
  readonly isRequired: boolean;
  readonly onChange: (value: unknown) => void;
  /** Takes an item or an extra property away altogether. */
  readonly onRemove?: () => void;
}

export const placeBelow = (place: Place, name: string | number): Place => ({
  ...place,
  at: `${place.at}/${String(name).replaceAll("~", "~0").replaceAll("/", "~1")}`,
});
