/** One server-sent event (WHATWG HTML, server-sent events). */
interface ReceivedEvent {
  readonly data: string;
  /** The last id that was given, here or before. */
  readonly id: string | undefined;
  /** After how long to come back, when that was said. */
  readonly retryMs: number | undefined;
}

/** The events of a response body, those without data included. */
export async function* readEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<ReceivedEvent> {
  const decoder = new TextDecoder();
  let rest = "";
  let id: string | undefined;
  let retryMs: number | undefined;
  let data: string[] = [];
  let isEvent = false;
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const raw of lines) {
      const line = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
      if (line === "") {
        if (isEvent) yield { data: data.join("\n"), id, retryMs };
        data = [];
        isEvent = false;
        continue;
      }
      const { name, value } = parseField(line);
      if (name === "data") data.push(value);
      if (name === "id") id = value;
      if (name === "retry" && /^\d{1,9}$/.test(value)) retryMs = Number(value);
      isEvent ||= name !== "";
    }
  }
}

/** A comment has no name. */
function parseField(line: string): { readonly name: string; readonly value: string } {
  const colon = line.indexOf(":");
  if (colon < 0) return { name: line, value: "" };
  return { name: line.slice(0, colon), value: line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1) };
}
