import * as z from "zod";
import { postCall } from "../post-call.ts";
import { resultOf, type Target } from "../tool-call.ts";

const memory = z.object({ rss: z.number(), heapUsed: z.number(), external: z.number(), handles: z.number().default(0) });

/** What the server holds after full collections, in bytes. */
export async function readMemory(target: Target): Promise<z.infer<typeof memory>> {
  // The second finds what the first has freed returned to the system.
  await postCall(target, { id: 1, name: "memory", arguments: {} });
  const { status, body } = await postCall(target, { id: 2, name: "memory", arguments: {} });
  const text = resultOf(body)?.content?.[0]?.text;
  if (typeof text !== "string") throw new Error(`the server does not tell its memory: ${status} ${body.slice(0, 500)}`);
  return memory.parse(JSON.parse(text));
}
