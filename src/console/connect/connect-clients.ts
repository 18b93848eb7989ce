import type { ConnectClient } from "../contract.ts";

interface ConnectableServer {
  /** What people know it by; clients get a short name made of it. */
  readonly name: string;
  readonly mcpUrl: string;
}

/** The clients in the order in which they are offered. All of them ask the person to sign in on the first connection. */
export function connectClients({ name, mcpUrl }: ConnectableServer): readonly ConnectClient[] {
  const server = { id: shortName(name), mcpUrl };
  return [claude(name, server), claudeCode(server), chatgpt(server), cursor(server), vsCode(server), ...others(server)];
}

interface Server {
  /** Letters, digits and hyphens, so that no shell and no file needs quotes around it. */
  readonly id: string;
  readonly mcpUrl: string;
}

function shortName(name: string): string {
  const short = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  return short.replaceAll(/^-|-$/g, "").slice(0, 40) || "server";
}

function claude(name: string, { mcpUrl }: Server): ConnectClient {
  return {
    id: "claude",
    name: "Claude",
    about: `In Claude on the web, on the desktop and on phones: Customize → Connectors → Add custom connector. Call it ${name} and paste the URL. Claude reaches it from Anthropic's own network, so it must be on the public internet.`,
    deepLink: "https://claude.ai/settings/connectors",
    snippets: [{ title: "URL of the connector", text: mcpUrl }],
  };
}

function claudeCode({ id, mcpUrl }: Server): ConnectClient {
  return {
    id: "claude-code",
    name: "Claude Code",
    about: "Run the command, then /mcp in a session to sign in. Or put the file into the project, for everybody who works on it.",
    deepLink: null,
    snippets: [
      { title: "In a terminal", text: `claude mcp add --transport http ${id} ${mcpUrl}` },
      { title: ".mcp.json, in the project", text: json({ mcpServers: { [id]: { type: "http", url: mcpUrl } } }) },
    ],
  };
}

function chatgpt({ mcpUrl }: Server): ConnectClient {
  return {
    id: "chatgpt",
    name: "ChatGPT",
    about:
      "Settings → Connectors, with developer mode switched on, then Create. Paste the URL and choose OAuth. ChatGPT reaches it from OpenAI's network, so it must be on the public internet.",
    deepLink: "https://chatgpt.com/#settings/Connectors",
    snippets: [{ title: "URL of the connector", text: mcpUrl }],
  };
}

function cursor({ id, mcpUrl }: Server): ConnectClient {
  const config = Buffer.from(JSON.stringify({ url: mcpUrl })).toString("base64");
  const query = new URLSearchParams({ name: id, config });
  return {
    id: "cursor",
    name: "Cursor",
    about: "The button asks Cursor to install it. Or add it to the file yourself; Cursor then shows that it needs a login.",
    deepLink: `cursor://anysphere.cursor-deeplink/mcp/install?${query}`,
    snippets: [{ title: "~/.cursor/mcp.json, or .cursor/mcp.json in the project", text: json({ mcpServers: { [id]: { url: mcpUrl } } }) }],
  };
}

function vsCode({ id, mcpUrl }: Server): ConnectClient {
  const entry = { name: id, type: "http", url: mcpUrl };
  return {
    id: "vscode",
    name: "VS Code",
    about: "The button asks VS Code to install it. Or run the command, or put the file into the project.",
    deepLink: `vscode:mcp/install?${encodeURIComponent(JSON.stringify(entry))}`,
    snippets: [
      { title: "In a terminal", text: `code --add-mcp ${quoted(JSON.stringify(entry))}` },
      { title: ".vscode/mcp.json, in the project", text: json({ servers: { [id]: { type: "http", url: mcpUrl } } }) },
    ],
  };
}

function others({ id, mcpUrl }: Server): readonly ConnectClient[] {
  return [
    {
      id: "windsurf",
      name: "Windsurf",
      about: "Add it to the file, then refresh the list of servers in Windsurf.",
      deepLink: null,
      snippets: [{ title: "~/.codeium/windsurf/mcp_config.json", text: json({ mcpServers: { [id]: { serverUrl: mcpUrl } } }) }],
    },
    {
      id: "gemini-cli",
      name: "Gemini CLI",
      about: `Run the command, then /mcp auth ${id} in a session to sign in.`,
      deepLink: null,
      snippets: [
        { title: "In a terminal", text: `gemini mcp add --transport http ${id} ${mcpUrl}` },
        { title: "~/.gemini/settings.json", text: json({ mcpServers: { [id]: { httpUrl: mcpUrl } } }) },
      ],
    },
    {
      id: "codex",
      name: "Codex",
      about: "Run the commands; the second opens the page on which you sign in.",
      deepLink: null,
      snippets: [
        { title: "In a terminal", text: `codex mcp add ${id} --url ${mcpUrl}\ncodex mcp login ${id}` },
        { title: "~/.codex/config.toml", text: `[mcp_servers.${id}]\nurl = "${mcpUrl}"` },
      ],
    },
    {
      id: "mcp-remote",
      name: "Others",
      about: "For clients that only start programs: mcp-remote stands between. It opens the page on which you sign in.",
      deepLink: null,
      snippets: [
        { title: "In a terminal", text: `npx mcp-remote ${mcpUrl}` },
        {
          title: "In the file of the client",
          text: json({ mcpServers: { [id]: { command: "npx", args: ["-y", "mcp-remote", mcpUrl] } } }),
        },
      ],
    },
  ];
}

function json(value: object): string {
  return JSON.stringify(value, null, 2);
}

/** A POSIX shell reads it as one word. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
