import { clientFile, textOf, type Server } from "./client-files.ts";

/** How one client is given this server. */
export interface ConnectClient {
  readonly id: string;
  readonly name: string;
  /** What to do with the snippet, in a sentence. */
  readonly about: string;
  /** Opens the client itself: `cursor:`, `vscode:` or `https:`. */
  readonly deepLink: string | null;
  readonly snippets: readonly { readonly title: string; readonly text: string }[];
}

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

/** What a server is called in clients' files. */
export function shortName(name: string): string {
  const short = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  return short.replaceAll(/^-|-$/g, "").slice(0, 40) || "server";
}

function claude(name: string, { mcpUrl }: Server): ConnectClient {
  return {
    id: "claude",
    name: "Claude",
    about: `In Claude on the web, on the desktop and on phones: Customize → Connectors → Add custom connector. Call it ${name} and paste the URL. Claude reaches it from Anthropic's own network, so it must be on the public internet.`,
    deepLink: "https://claude.ai/customize/connectors",
    snippets: [{ title: "URL of the connector", text: mcpUrl }],
  };
}

function claudeCode(server: Server): ConnectClient {
  return {
    id: "claude-code",
    name: "Claude Code",
    about: "Run the command, then /mcp in a session to sign in. Or put the file into the project, for everybody who works on it.",
    deepLink: null,
    snippets: [
      { title: "In a terminal", text: `claude mcp add --transport http ${server.id} ${server.mcpUrl}` },
      fileSnippet("claude-code", server),
    ],
  };
}

function chatgpt({ mcpUrl }: Server): ConnectClient {
  return {
    id: "chatgpt",
    name: "ChatGPT",
    about:
      "Settings → Connectors, with developer mode switched on, then Create. Paste the URL and choose OAuth. ChatGPT reaches it from OpenAI's network, so it must be on the public internet.",
    deepLink: null,
    snippets: [{ title: "URL of the connector", text: mcpUrl }],
  };
}

function cursor(server: Server): ConnectClient {
  const { id, mcpUrl } = server;
  const config = Buffer.from(JSON.stringify({ url: mcpUrl })).toString("base64");
  const query = new URLSearchParams({ name: id, config });
  return {
    id: "cursor",
    name: "Cursor",
    about:
      "The link asks Cursor to install it. Or add it to the file yourself, or to .cursor/mcp.json in a project; Cursor then shows that it needs a login.",
    deepLink: `cursor://anysphere.cursor-deeplink/mcp/install?${query}`,
    snippets: [fileSnippet("cursor", server)],
  };
}

function vsCode(server: Server): ConnectClient {
  const { id, mcpUrl } = server;
  const entry = { name: id, type: "http", url: mcpUrl };
  return {
    id: "vscode",
    name: "VS Code",
    about: "The link asks VS Code to install it. Or run the command, or put the file into the project.",
    deepLink: `vscode:mcp/install?${encodeURIComponent(JSON.stringify(entry))}`,
    snippets: [{ title: "In a terminal", text: `code --add-mcp ${quoted(JSON.stringify(entry))}` }, fileSnippet("vscode", server)],
  };
}

function others(server: Server): readonly ConnectClient[] {
  const { id, mcpUrl } = server;
  return [
    {
      id: "windsurf",
      name: "Windsurf",
      about: "Add it to the file, then refresh the list of servers in Windsurf.",
      deepLink: null,
      snippets: [fileSnippet("windsurf", server)],
    },
    {
      id: "gemini-cli",
      name: "Gemini CLI",
      about: `Run the command, then /mcp auth ${id} in a session to sign in.`,
      deepLink: null,
      snippets: [{ title: "In a terminal", text: `gemini mcp add --transport http ${id} ${mcpUrl}` }, fileSnippet("gemini-cli", server)],
    },
    {
      id: "codex",
      name: "Codex",
      about: "Run the commands; the second opens the page on which you sign in.",
      deepLink: null,
      snippets: [
        { title: "In a terminal", text: `codex mcp add ${id} --url ${mcpUrl}\ncodex mcp login ${id}` },
        fileSnippet("codex", server),
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
          text: JSON.stringify({ mcpServers: { [id]: { command: "npx", args: ["-y", "mcp-remote", mcpUrl] } } }, null, 2),
        },
      ],
    },
  ];
}

function fileSnippet(clientId: string, server: Server): ConnectClient["snippets"][number] {
  const file = clientFile(clientId, server);
  if (file === undefined) throw new Error(`${clientId} keeps its servers in no file`);
  return { title: file.path.startsWith("~/") ? file.path : `${file.path}, in the project`, text: textOf(file) };
}

/** A POSIX shell reads it as one word. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
