import type { SurfaceOther } from "../../../contract.ts";
import { Badge, Panel, Scope, Table, type Column } from "../../kit/index.ts";

type PromptArgument = NonNullable<SurfaceOther["arguments"]>[number];

const COLUMNS: readonly Column<PromptArgument>[] = [
  { id: "name", title: "Argument", cell: ({ name }) => <code>{name}</code> },
  { id: "required", title: "Required", cell: ({ isRequired }) => (isRequired ? "yes" : "no") },
  { id: "about", title: "What it is", cell: ({ description }) => <span class="wrap">{description}</span> },
];

/** A resource or a prompt: what it is, what it takes and what it asks for. */
export function OfferDetail({ offer }: { readonly offer: SurfaceOther }) {
  const missing = offer.scopes.filter(({ held }) => held === false).map(({ scope }) => scope);
  return (
    <Panel title={offer.title ?? offer.name} aside={<Badge>≈{offer.tokens} tokens</Badge>}>
      <p class="row">
        <code class="wrap">{offer.uri ?? offer.name}</code>
        {offer.mimeType !== undefined && <Badge>{offer.mimeType}</Badge>}
      </p>
      <p class="wrap">{offer.description}</p>
      <div class="row">
        {offer.scopes.map(({ scope, held }) => (
          <Scope key={scope} name={scope} held={held ?? undefined} />
        ))}
      </div>
      {missing.length > 0 && <p>Hidden from this identity: it lacks {missing.join(", ")}.</p>}
      {offer.arguments !== undefined && offer.arguments.length > 0 && (
        <Table caption="Arguments of the prompt" columns={COLUMNS} rows={offer.arguments} rowKey={({ name }) => name} />
      )}
    </Panel>
  );
}
