import type * as z from "zod";
import { ConsoleProblem } from "../endpoint.ts";

/** What the body of a change says, as the schema has it. Throws ConsoleProblem. */
export function readBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const message = result.error.issues.map(({ path, message: text }) => `${path.join(".") || "body"}: ${text}`).join("; ");
  throw new ConsoleProblem(400, { code: "bad_request", message });
}
