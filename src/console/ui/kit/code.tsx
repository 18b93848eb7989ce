import { CopyButton } from "./button.tsx";
import { jsonParts } from "../json/index.ts";

/** Text as it is, with a button that copies it. */
export function CodeBlock({ text, label, what }: { readonly text: string; readonly label: string; readonly what?: string }) {
  return (
    <figure class="code">
      <pre tabIndex={0} aria-label={label} role="group">
        <code>{text}</code>
      </pre>
      <CopyButton text={text} what={what ?? label} />
    </figure>
  );
}

/** A value as JSON, its names and kinds told apart. */
export function Json({ value, label }: { readonly value: unknown; readonly label: string }) {
  const text = JSON.stringify(value, null, 2) ?? "undefined";
  return (
    <figure class="code">
      <pre tabIndex={0} aria-label={label} role="group">
        <code>
          {jsonParts(text).map(([kind, part], at) =>
            kind === "plain" ? (
              part
            ) : (
              <span key={at} class={`json-${kind}`}>
                {part}
              </span>
            ),
          )}
        </code>
      </pre>
      <CopyButton text={text} what={label} />
    </figure>
  );
}
