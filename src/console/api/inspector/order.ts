import * as z from "zod";
import { ConsoleProblem } from "../../endpoint.ts";

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
  return parsed(ORDER, body);
}

export function parseNewSaved(body: unknown): z.infer<typeof NEW_SAVED> {
  return parsed(NEW_SAVED, body);
}

function parsed<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const message = result.error.issues.map(({ path, message: text }) => `${path.join(".") || "body"}: ${text}`).join("; ");
  throw new ConsoleProblem(400, { code: "bad_request", message });
}
