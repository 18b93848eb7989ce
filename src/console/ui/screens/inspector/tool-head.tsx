import { Badge, Button, Scope, type IconName, type Tone } from "../../kit/index.ts";
import type { SurfaceTool } from "../../../contract.ts";

const HINTS: readonly (readonly [hint: string, when: boolean, word: string, tone: Tone, icon: IconName])[] = [
  ["readOnlyHint", true, "read only", "plain", "check"],
  ["destructiveHint", true, "destructive", "deny", "warning"],
  ["idempotentHint", true, "idempotent", "plain", "undo"],
  ["openWorldHint", true, "open world", "plain", "external"],
];

export function ToolHead({ tool, onExample }: { readonly tool: SurfaceTool; readonly onExample: (value: unknown) => void }) {
  // Hints about writing mean nothing where nothing is written.
  const isReadOnly = tool.annotations["readOnlyHint"] === true;
  const hints = HINTS.filter(
    ([hint, when]) => tool.annotations[hint] === when && !(isReadOnly && hint !== "readOnlyHint" && hint !== "openWorldHint"),
  );
  return (
    <header class="tool-head stack">
      <div class="row">
        <h2 class="mono tool-name wrap">{tool.name}</h2>
        {hints.map(([hint, , word, tone, icon]) => (
          <Badge key={hint} tone={tone} icon={icon}>
            {word}
          </Badge>
        ))}
        <Badge>≈{tool.tokens} tokens</Badge>
      </div>
      <p class="tool-about wrap">{tool.description}</p>
      <div class="row">
        {tool.scopes.map(({ scope, held }) => (
          <Scope key={scope} name={scope} held={held ?? undefined} />
        ))}
      </div>
      {tool.examples.length > 0 && (
        <div class="row">
          <span class="muted small">Examples</span>
          {tool.examples.map((example) => (
            <Button key={example.title} onClick={() => onExample(example.arguments)}>
              {example.title}
            </Button>
          ))}
        </div>
      )}
    </header>
  );
}
