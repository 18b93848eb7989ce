/** What a multi-round-trip answer asks for, and how what comes back is read. Responses come from the client, so they are checked. */
import * as z from "zod";

/** Asks a person to fill in a form; every field is required. */
export function elicit(message: string, properties: Readonly<Record<string, object>>) {
  const requestedSchema = { type: "object", properties, required: Object.keys(properties) };
  return { method: "elicitation/create", params: { mode: "form", message, requestedSchema } } as const;
}

/** Asks the client's model. */
export function sample(text: string, maxTokens: number) {
  return {
    method: "sampling/createMessage",
    params: { messages: [{ role: "user", content: { type: "text", text } }], maxTokens },
  } as const;
}

const Accepted = z.object({ action: z.literal("accept"), content: z.unknown() });

/** What a person filled in, when it was accepted and fits. */
export function accepted<S extends z.ZodType>(schema: S, response: unknown): z.output<S> | undefined {
  const { data } = Accepted.safeParse(response);
  return data === undefined ? undefined : schema.safeParse(data.content).data;
}

const Sampled = z.object({ content: z.object({ type: z.literal("text"), text: z.string() }) });

export function sampledText(response: unknown): string | undefined {
  return Sampled.safeParse(response).data?.content.text;
}

const Roots = z.object({ roots: z.array(z.object({ uri: z.string() })) });

export function rootsOf(response: unknown): string[] | undefined {
  return Roots.safeParse(response).data?.roots.map(({ uri }) => uri);
}
