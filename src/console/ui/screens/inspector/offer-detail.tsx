import { Badge, Panel, Scope } from "../../kit/index.ts";
import type { SurfaceOther } from "../../../contract.ts";

/** A resource or a prompt: what it is and what it asks for. */
export function OfferDetail({ offer }: { readonly offer: SurfaceOther }) {
  return (
    <Panel title={offer.title ?? offer.name} aside={<Badge>≈{offer.tokens} tokens</Badge>}>
      <code class="wrap">{offer.uri ?? offer.name}</code>
      <p class="wrap">{offer.description}</p>
      <div class="row">
        {offer.scopes.map(({ scope, held }) => (
          <Scope key={scope} name={scope} held={held ?? undefined} />
        ))}
      </div>
    </Panel>
  );
}
