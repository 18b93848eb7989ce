import "./inspector.css";
import { useMemo } from "preact/hooks";
import { queryOf, useQuery, useQueryState } from "../../data/index.ts";
import { Empty, Loaded } from "../../kit/index.ts";
import type { Identity, Surface } from "../../../contract.ts";
import { CallAs } from "./call-as.tsx";
import { OfferBench } from "./offer-bench.tsx";
import { OfferList } from "./offer-list.tsx";
import { ToolBench } from "./tool-bench.tsx";

/** Who calls, and with which of its scopes, is in the address: a link shows the same to the next person. */
export function Screen() {
  const [as, setAs] = useQueryState("as");
  const [scope, setScope] = useQueryState("scope");
  const identities = useQuery<readonly Identity[]>("identities");
  const identity = identities.data?.find(({ id }) => id === as) ?? identities.data?.[0];
  const path = identity === undefined ? null : `surface${queryOf({ as: identity.id, scope })}`;
  const surface = useQuery<Surface>(path);
  const choose = (id: string): void => {
    setScope("");
    setAs(id);
  };
  return (
    <Loaded query={identities}>
      {(all) =>
        identity === undefined ? (
          <Empty icon="key" title="Nobody can call yet">
            <p>
              Make an agent with <code>remit agent create</code>, or <a href="/console/connect">connect one</a>. Then try its tools here.
            </p>
          </Empty>
        ) : (
          <>
            <CallAs identities={all} identity={identity} scope={scope} onIdentity={choose} onScope={setScope} />
            <Loaded query={surface}>{(data) => <Bench key={identity.id} surface={data} identity={identity} scope={scope} />}</Loaded>
          </>
        )
      }
    </Loaded>
  );
}

function Bench({ surface, identity, scope }: { readonly surface: Surface; readonly identity: Identity; readonly scope: string }) {
  const [chosen, choose] = useQueryState("tool");
  const [other, chooseOther] = useQueryState("offer");
  const tool = surface.tools.find(({ name }) => name === chosen) ?? (other === "" ? surface.tools[0] : undefined);
  const offer = useMemo(
    () => [...surface.resources, ...surface.prompts].find(({ uri, name }) => (uri ?? name) === other),
    [surface, other],
  );
  const selected = tool === undefined ? other : tool.name;
  return (
    <div class="bench">
      <OfferList
        surface={surface}
        selected={selected}
        onTool={(name) => {
          chooseOther("");
          choose(name);
        }}
        onOther={(id) => {
          choose("");
          chooseOther(id);
        }}
      />
      {tool !== undefined && <ToolBench key={tool.name} tool={tool} mcpUrl={surface.mcpUrl} identity={identity} scope={scope} />}
      {tool === undefined && offer !== undefined && (
        <OfferBench key={offer.uri ?? offer.name} offer={offer} identity={identity} scope={scope} />
      )}
      {tool === undefined && offer === undefined && <Empty title="This server offers nothing yet" />}
    </div>
  );
}
