import "./connect.css";
import { useQuery, useQueryState } from "../../data/index.ts";
import { CodeBlock, Empty, Icon, Loaded, Panel, Tabs } from "../../kit/index.ts";
import type { Connect, ConnectClient } from "../../../contract.ts";
import { deepLinkOf } from "./deep-link.ts";
import { Handshakes } from "./handshakes.tsx";

export function Screen() {
  const connect = useQuery<Connect>("connect");
  const [chosen, choose] = useQueryState("client");
  return (
    <div class="connect">
      <Panel title="Connect an agent" flush>
        <Loaded query={connect}>
          {({ clients, mcpUrl }) => {
            const client = clients.find(({ id }) => id === chosen) ?? clients[0];
            if (client === undefined) return <Empty title="No client is known" />;
            return (
              <>
                <div class="connect-url">
                  <p class="muted small">MCP URL (streamable HTTP; signing in is asked for on the first connection)</p>
                  <CodeBlock text={mcpUrl} label="MCP URL" />
                </div>
                <Tabs label="Client" tabs={clients.map(({ id, name }) => ({ id, label: name }))} selected={client.id} onSelect={choose}>
                  <Client key={client.id} client={client} />
                </Tabs>
              </>
            );
          }}
        </Loaded>
      </Panel>
      <Handshakes />
    </div>
  );
}

function Client({ client }: { readonly client: ConnectClient }) {
  const link = deepLinkOf(client.deepLink);
  return (
    <div class="stack">
      <p class="wrap">{client.about}</p>
      {link !== undefined && (
        <p>
          <a class="button primary" href={link}>
            <Icon name="external" />
            Open in {client.name}
          </a>
        </p>
      )}
      {client.snippets.map(({ title, text }) => (
        <div key={title} class="stack connect-snippet">
          <h3 class="wrap">{title}</h3>
          <CodeBlock text={text} label={title} what="Snippet" />
        </div>
      ))}
    </div>
  );
}
