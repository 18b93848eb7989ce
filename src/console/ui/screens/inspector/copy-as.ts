/** A call as somebody would make it elsewhere. The token is never in it: it is named by the variable `TOKEN`. */
import type { Era } from "../../../contract.ts";

export interface CopiedCall {
  readonly mcpUrl: string;
  readonly era: Era;
  readonly tool: string;
  readonly arguments: unknown;
}

const CLIENT = { name: "remit-console", version: "1" };

/** The message of the call, as it goes over the wire in its era. */
export function asJsonRpc({ era, tool, arguments: given }: CopiedCall): string {
  const meta = {
    "io.modelcontextprotocol/protocolVersion": era,
    "io.modelcontextprotocol/clientInfo": CLIENT,
    "io.modelcontextprotocol/clientCapabilities": {},
  };
  const params = { name: tool, arguments: given, ...(era === "2026-07-28" ? { _meta: meta } : {}) };
  return JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params }, null, 2);
}

/** A POSIX shell reads it as one word, whatever is in it. */
export const shellQuoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

function curl(call: CopiedCall, headers: readonly string[], body: string): string {
  const all = [
    "Content-Type: application/json",
    "Accept: application/json, text/event-stream",
    `MCP-Protocol-Version: ${call.era}`,
    ...headers,
  ];
  return [
    `curl ${shellQuoted(call.mcpUrl)}`,
    `-H "Authorization: Bearer $TOKEN"`,
    ...all.map((header) => (header.includes("$") ? `-H "${header}"` : `-H ${shellQuoted(header)}`)),
    `--data-binary ${shellQuoted(body)}`,
  ].join(" \\\n  ");
}

/** In the older era a session is opened first; the commands are run one after the other. */
export function asCurl(call: CopiedCall): string {
  const body = JSON.stringify(JSON.parse(asJsonRpc(call)));
  if (call.era === "2026-07-28") return curl(call, ["Mcp-Method: tools/call", `Mcp-Name: ${headerValue(call.tool)}`], body);
  const begin = JSON.stringify({
    jsonrpc: "2.0",
    id: 0,
    method: "initialize",
    params: { protocolVersion: call.era, capabilities: {}, clientInfo: CLIENT },
  });
  const ready = JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" });
  const session = ["Mcp-Session-Id: $SESSION"];
  return [
    `SESSION=$(${curl(call, [], begin)} \\\n  -sS -o /dev/null -D - | tr -d '\\r' | awk 'tolower($1) == "mcp-session-id:" { print $2 }')`,
    curl(call, session, ready),
    curl(call, session, body),
  ].join("\n");
}

/** What is no plain ASCII in a name goes in Base64 in its header (MCP 2026-07-28, transports). */
function headerValue(name: string): string {
  if (/^[\x21-\x7e]+$/.test(name)) return name;
  return `=?base64?${btoa(String.fromCodePoint(...new TextEncoder().encode(name)))}?=`;
}

/** TypeScript, with the SDK of the era. */
export function asSdk({ mcpUrl, era, tool, arguments: given }: CopiedCall): string {
  const isModern = era === "2026-07-28";
  const [client, transport] = isModern
    ? ["@modelcontextprotocol/client", "@modelcontextprotocol/client"]
    : ["@modelcontextprotocol/sdk/client/index.js", "@modelcontextprotocol/sdk/client/streamableHttp.js"];
  const imports =
    client === transport
      ? `import { Client, StreamableHTTPClientTransport } from "${client}";`
      : `import { Client } from "${client}";\nimport { StreamableHTTPClientTransport } from "${transport}";`;
  const options = isModern ? `, { versionNegotiation: { mode: { pin: "${era}" } } }` : "";
  return `import { env } from "node:process";
${imports}

const client = new Client({ name: "my-agent", version: "1.0.0" }${options});
await client.connect(
  new StreamableHTTPClientTransport(new URL(${JSON.stringify(mcpUrl)}), {
    requestInit: { headers: { authorization: \`Bearer \${env.TOKEN}\` } },
  }),
);
const result = await client.callTool({
  name: ${JSON.stringify(tool)},
  arguments: ${JSON.stringify(given, null, 2).replaceAll("\n", "\n  ")},
});
console.log(result);
await client.close();
`;
}
