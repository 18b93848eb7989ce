import { CodeBlock, Empty, Json } from "../../../kit/index.ts";
import type { CallLine } from "../../../../contract.ts";

/** What went over the wire, as it went. */
export function Wire({ lines, part }: { readonly lines: readonly CallLine[]; readonly part: "request" | "response" | "stream" }) {
  if (part === "stream") return <Stream lines={lines} />;
  return (
    <div class="stack">
      {lines.map((line, at) => {
        if (part === "request" && line.type === "request") {
          return (
            <CodeBlock
              key={at}
              label={`Request to ${line.url}`}
              what="Request"
              text={`${line.method} ${line.url}\n${headerText(line.headers)}\n\n${pretty(line.body)}`}
            />
          );
        }
        if (part === "response" && line.type === "response") {
          return (
            <CodeBlock
              key={at}
              label={`Response head ${line.status}`}
              what="Response head"
              text={`HTTP ${line.status}\n${headerText(line.headers)}`}
            />
          );
        }
        return null;
      })}
    </div>
  );
}

function Stream({ lines }: { readonly lines: readonly CallLine[] }) {
  const events = lines.filter((line) => line.type === "event");
  if (events.length === 0) return <Empty title="No message has come" />;
  return (
    <ol class="stack">
      {events.map((event, at) => (
        <li key={at} class="stack stream-event">
          <span class="muted small mono">+{Math.round(event.atMs)} ms</span>
          <Json value={event.message} label={`Message ${at + 1}`} />
        </li>
      ))}
    </ol>
  );
}

const headerText = (headers: Readonly<Record<string, string>>): string =>
  Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join("\n");

function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
