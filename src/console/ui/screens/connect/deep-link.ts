/** Schemes that open a client; what is no such link ("javascript:") is no link at all. */
const SCHEMES = new Set(["https:", "cursor:", "vscode:", "vscode-insiders:", "windsurf:", "claude:"]);

export function deepLinkOf(text: string | null): string | undefined {
  if (text === null || !URL.canParse(text)) return undefined;
  return SCHEMES.has(new URL(text).protocol) ? text : undefined;
}
