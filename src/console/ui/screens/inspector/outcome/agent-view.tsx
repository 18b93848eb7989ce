import { isRecord } from "../../../json/index.ts";
import { Badge, CodeBlock, Json } from "../../../kit/index.ts";
import type { SurfaceTool } from "../../../../contract.ts";

/** What reaches the model: the tool as it is listed, when it is, and the text of the answer. */
export function AgentView({ tool, message }: { readonly tool: SurfaceTool; readonly message: unknown }) {
  const isListed = tool.scopes.every(({ held }) => held !== false);
  const { name, title, description, inputSchema, outputSchema, annotations } = tool;
  const listed = {
    name,
    ...(title === null ? {} : { title }),
    description,
    inputSchema,
    ...(outputSchema === null ? {} : { outputSchema }),
    annotations,
  };
  const texts = textsOf(message);
  return (
    <div class="stack">
      {texts.length > 0 && (
        <>
          <h3>The answer</h3>
          {texts.map((text, at) => (
            <CodeBlock key={at} text={text} label={`Answer, part ${at + 1}`} what="Answer" />
          ))}
        </>
      )}
      <div class="row">
        <h3>In the list of tools</h3>
        {isListed ? (
          <Badge>≈{tool.tokens} tokens</Badge>
        ) : (
          <Badge tone="deny" icon="lock">
            not listed
          </Badge>
        )}
      </div>
      {isListed ? (
        <Json value={listed} label="Tool as listed" />
      ) : (
        <p class="muted">The tool is hidden from this identity: it holds not all of the scopes.</p>
      )}
    </div>
  );
}

/** The parts of an answer that a model reads as text; of a refusal its message. */
function textsOf(message: unknown): readonly string[] {
  if (!isRecord(message)) return [];
  const { result, error } = message;
  if (isRecord(error)) return [String(error["message"])];
  if (!isRecord(result) || !Array.isArray(result["content"])) return [];
  return result["content"].filter(isRecord).map((part) => (typeof part["text"] === "string" ? part["text"] : `[${String(part["type"])}]`));
}
