import * as z from "zod";
import { readBody } from "../read-body.ts";

const ERAS = ["2026-07-28", "2025-11-25"] as const;

const ORDER = z.strictObject({
  as: z.string().min(1).max(64),
  scopes: z.array(z.string().max(64)).max(200).optional(),
  kind: z.enum(["tool", "resource", "prompt"]).default("tool"),
  tool: z.string().max(2048),
  arguments: z.unknown().optional(),
  era: z.enum(ERAS),
});

export type Order = z.infer<typeof ORDER>;

const NEW_SAVED = z.strictObject({
  name: z.string().trim().min(1, "give it a name").max(120),
  tool: z.string().min(1).max(256),
  arguments: z.unknown().optional(),
  era: z.enum(ERAS),
});

export function parseOrder(body: unknown): Order {
  return readBody(ORDER, body);
}

export function parseNewSaved(body: unknown): z.infer<typeof NEW_SAVED> {
  return readBody(NEW_SAVED, body);
}
