/** Programs that people connect with, and by what each is known. */
interface FamilySigns {
  /** As people call it. */
  readonly name: string;
  /** Where its metadata document is: how its client id begins. */
  readonly id?: RegExp;
  /** What it calls itself when it registers. */
  readonly clientName?: RegExp;
  readonly redirect?: RegExp;
  readonly userAgent?: RegExp;
}

/** The first that fits counts, so the narrower stand first. */
export const FAMILIES = {
  claude_code: {
    name: "Claude Code",
    id: /^https:\/\/claude\.ai\/oauth\/claude-code-client-metadata/,
    clientName: /^Claude Code\b/i,
    userAgent: /^claude-(?:code|cli)\b/i,
  },
  claude: {
    name: "Claude",
    id: /^https:\/\/claude\.(?:ai|com)\/oauth\//,
    clientName: /^Claude\b/i,
    redirect: /^https:\/\/claude\.(?:ai|com)\//,
    userAgent: /\bClaude-User\b|^Claude\//i,
  },
  codex: {
    name: "Codex",
    id: /^https:\/\/chatgpt\.com\/oauth\/codex\//,
    clientName: /\bCodex\b/i,
    userAgent: /^codex/i,
  },
  chatgpt: {
    name: "ChatGPT",
    id: /^https:\/\/chatgpt\.com\/oauth\//,
    clientName: /^ChatGPT\b/i,
    redirect: /^https:\/\/chatgpt\.com\/connector/,
    userAgent: /\bChatGPT\b|^openai-mcp/i,
  },
  cursor: {
    name: "Cursor",
    clientName: /^Cursor\b/i,
    redirect: /^cursor:|^https:\/\/www\.cursor\.com\/|^http:\/\/localhost:8787\/callback$/,
    userAgent: /^Cursor\b/i,
  },
  vscode: {
    name: "VS Code",
    id: /^https:\/\/vscode\.dev\/oauth\//,
    clientName: /^Visual Studio Code\b/i,
    redirect: /^https:\/\/(?:insiders\.)?vscode\.dev\/redirect/,
    userAgent: /\b(?:vscode|Visual Studio Code)\b/i,
  },
  gemini: { name: "Gemini CLI", clientName: /^Gemini\b/i, redirect: /^http:\/\/localhost:7777\/oauth\/callback$/, userAgent: /^gemini/i },
  windsurf: { name: "Windsurf", clientName: /^Windsurf\b/i, userAgent: /^windsurf/i },
  opencode: { name: "opencode", id: /^https:\/\/opencode\.ai\/oauth\//, clientName: /^opencode\b/i, userAgent: /^opencode/i },
  inspector: {
    name: "MCP Inspector",
    clientName: /^MCP Inspector\b/i,
    redirect: /^http:\/\/(?:localhost:6274|127\.0\.0\.1:6276)\/oauth\/callback/,
  },
  mcp_remote: {
    name: "mcp-remote",
    clientName: /^(?:mcp-remote|MCP CLI Proxy)\b/i,
    redirect: /^http:\/\/[^/]+\/oauth\/callback$/,
    userAgent: /^mcp-remote/i,
  },
} as const satisfies Readonly<Record<string, FamilySigns>>;

export type Family = keyof typeof FAMILIES;

/** What is known of a client. All of it is its own claim. */
export interface ClientSigns {
  readonly id?: string | undefined;
  readonly name?: string | undefined;
  readonly redirect?: string | undefined;
  readonly userAgent?: string | undefined;
}

/** The family that an id tells, else a name, else a redirect URI, else a user agent. */
export function familyOf({ id, name, redirect, userAgent }: ClientSigns): Family | undefined {
  const all = Object.entries<FamilySigns>(FAMILIES) as [Family, FamilySigns][];
  const find = (text: string | undefined, sign: (signs: FamilySigns) => RegExp | undefined): Family | undefined =>
    text === undefined ? undefined : all.find(([, signs]) => sign(signs)?.test(text) === true)?.[0];
  return (
    find(id, (signs) => signs.id) ??
    find(name, (signs) => signs.clientName) ??
    find(redirect, (signs) => signs.redirect) ??
    find(userAgent, (signs) => signs.userAgent)
  );
}
