/** Files in which clients keep their servers, and what this server is in each. */
export interface Server {
  /** Letters, digits and hyphens, so that no shell and no file needs quotes around it. */
  readonly id: string;
  readonly mcpUrl: string;
}

export interface ClientFile {
  /** Of `/` parts; `~/` is the person's home, all else is in the project. */
  readonly path: string;
  readonly format: "json" | "toml";
  /** The member under which the servers stand, each by its id. */
  readonly member: string;
  readonly id: string;
  readonly entry: Readonly<Record<string, unknown>>;
}

/** The file that a client reads its servers from; undefined for those that keep them elsewhere. */
export function clientFile(clientId: string, { id, mcpUrl }: Server): ClientFile | undefined {
  const file = (path: string, entry: ClientFile["entry"], member = "mcpServers"): ClientFile => ({
    path,
    format: "json",
    member,
    id,
    entry,
  });
  switch (clientId) {
    case "claude-code":
      return file(".mcp.json", { type: "http", url: mcpUrl });
    case "cursor":
      return file("~/.cursor/mcp.json", { url: mcpUrl });
    case "vscode":
      return file(".vscode/mcp.json", { type: "http", url: mcpUrl }, "servers");
    case "windsurf":
      return file("~/.codeium/windsurf/mcp_config.json", { serverUrl: mcpUrl });
    case "gemini-cli":
      return file("~/.gemini/settings.json", { httpUrl: mcpUrl });
    case "codex":
      return { ...file("~/.codex/config.toml", { url: mcpUrl }, "mcp_servers"), format: "toml" };
    default:
      return undefined;
  }
}

/** The file as it is when nothing else stands in it. */
export function textOf({ format, member, id, entry }: ClientFile): string {
  if (format === "json") return JSON.stringify({ [member]: { [id]: entry } }, null, 2);
  const lines = Object.entries(entry).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
  return [`[${member}.${id}]`, ...lines].join("\n");
}
