/** The JSON values of a whole body: of each event when it is an event stream, else of the body. What does not parse is left out. */
export function messagesIn(text: string, type: string): readonly unknown[] {
  const parts = type.startsWith("text/event-stream")
    ? text.split(/\r?\n\r?\n/).map((event) => [...event.matchAll(/^data: ?(.*)$/gm)].map(([, line = ""]) => line).join("\n"))
    : [text];
  return parts.flatMap((part) => {
    try {
      return [JSON.parse(part) as unknown];
    } catch {
      return [];
    }
  });
}
