import * as z from "zod";
import type { Difference } from "./shape.ts";

const values = z.looseObject({});

export const differenceList = z.array(
  z.object({ part: z.string(), name: z.string(), change: z.string(), before: values.optional(), after: values.optional() }),
);

export function shownDifferences(all: readonly Difference[]) {
  return all.map(({ part, name, change, before, after }) => {
    return {
      part,
      name,
      change,
      ...(before === undefined ? {} : { before: { ...before } }),
      ...(after === undefined ? {} : { after: { ...after } }),
    };
  });
}
