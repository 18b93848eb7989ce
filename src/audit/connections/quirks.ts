import type { Family } from "./families.ts";
import type { Problem } from "./problems.ts";

/** A habit of a client that makes a problem likely, and what helps with this client. */
export interface Quirk {
  readonly id: string;
  /** Which clients have it; undefined for any. */
  readonly families?: readonly Family[];
  /** With which problems it comes to light. */
  readonly problems: readonly Problem[];
  /** Facts of the step that must be as given here;*/
  readonly facts?: Readonly<Record<string, string>>;
  /** What the client does. */
  readonly says: string;
  /** What to do about it, in this client. */
  readonly remedy: string;
  /** Where it is described. */
  readonly source: string;
}

/** The first that fits is told. */
export const QUIRKS: readonly Quirk[] = [
  {
    id: "claude_code_origin_resource",
    families: ["claude_code"],
    problems: ["resource_wrong", "token_audience", "host_wrong"],
    says: "Claude Code turns an address without a path into one with a slash at its end and then asks for that.",
    remedy: "Add the server with its whole address: claude mcp add --transport http NAME {expected}.",
    source: "https://github.com/anthropics/claude-code/issues/52871",
  },
  {
    id: "claude_code_refresh_race",
    families: ["claude_code", "codex"],
    problems: ["refresh_dead"],
    says: "Several processes of this client share one refresh token and use it at the same time.",
    remedy: "Raise REMIT_REFRESH_GRACE_SECONDS to 120, and sign in again once: /mcp in Claude Code, codex mcp login in Codex.",
    source: "https://github.com/anthropics/claude-code/issues/84440",
  },
  {
    id: "claude_code_random_port",
    families: ["claude_code"],
    problems: ["redirect_wrong"],
    says: "Claude Code listens on a port that is new each time, with a client id that was entered by hand.",
    remedy: "Register http://localhost/callback, whose port does not count, or start it with --callback-port and that port.",
    source: "https://github.com/anthropics/claude-code/issues/37767",
  },
  {
    id: "claude_two_callbacks",
    families: ["claude"],
    problems: ["redirect_wrong"],
    says: "Claude comes back to claude.ai or to claude.com.",
    remedy: "Register both: https://claude.ai/api/mcp/auth_callback and https://claude.com/api/mcp/auth_callback.",
    source: "https://support.claude.com/en/articles/11503834",
  },
  {
    id: "claude_all_scopes",
    families: ["claude"],
    problems: ["scope_unknown", "scope_missing"],
    says: "Claude asks for the scopes that the first 401 named, and keeps what it was given until it is connected anew.",
    remedy: "Remove the connector under Customize → Connectors and add it again, then tick the permission.",
    source: "https://github.com/anthropics/claude-ai-mcp/issues/453",
  },
  {
    id: "claude_resource_host",
    families: ["claude"],
    problems: ["metadata_left", "host_wrong"],
    says: "Claude goes on only when the resource in the metadata has the host of the address that was entered.",
    remedy: "Enter the address exactly as REMIT_URL says, with /mcp. Claude connects from the internet, so a private address cannot work.",
    source: "https://github.com/anthropics/claude-ai-mcp/issues/560",
  },
  {
    id: "claude_stale_registration",
    families: ["claude", "claude_code"],
    problems: ["client_unknown"],
    says: "The client keeps the id that it registered once, also when the server has forgotten it.",
    remedy: "Remove the connector and add it again; in Claude Code, /mcp → Clear authentication, then authenticate.",
    source: "https://zuplo.com/learn/mcp/compatibility/clients/claude-connectors.md",
  },
  {
    id: "chatgpt_callback_per_connector",
    families: ["chatgpt"],
    problems: ["redirect_wrong"],
    says: "ChatGPT uses another redirect address for each connector.",
    remedy: "Copy the callback address from the connector's settings and register it, or let ChatGPT register itself.",
    source: "https://developers.openai.com/plugins/build/auth",
  },
  {
    id: "chatgpt_private_key_document",
    families: ["chatgpt"],
    problems: ["client_document", "registration_refused", "secret_wrong"],
    says: "ChatGPT prefers private_key_jwt and offers none beside it.",
    remedy: "Nothing on this server: it takes the first method of the client that it knows. Delete the connector and make it anew.",
    source: "https://github.com/cloudflare/workers-oauth-provider/issues/293",
  },
  {
    id: "cursor_mixed_redirects",
    families: ["cursor"],
    problems: ["registration_redirect", "redirect_wrong"],
    says: "Cursor registers an address of the app, one on localhost and one on the web together; older versions use another one than newer ones.",
    remedy:
      "Update Cursor. For a client made by hand, register cursor://anysphere.cursor-mcp/oauth/callback and http://localhost:8787/callback.",
    source: "https://github.com/erp-mafia/accounted/pull/2225",
  },
  {
    id: "cursor_all_scopes",
    families: ["cursor"],
    problems: ["scope_unknown"],
    says: "Cursor asks for the scopes of its configuration, else for all that the server has.",
    remedy: "Correct or remove auth.scopes in ~/.cursor/mcp.json.",
    source: "https://github.com/erp-mafia/accounted/pull/2225",
  },
  {
    id: "vscode_random_port",
    families: ["vscode"],
    problems: ["redirect_wrong"],
    says: "VS Code uses another port when 33418 is taken.",
    remedy: "Register http://127.0.0.1/, whose port does not count, and https://vscode.dev/redirect.",
    source: "https://github.com/microsoft/vscode/issues/278512",
  },
  {
    id: "vscode_resource_equal",
    families: ["vscode"],
    problems: ["host_wrong", "metadata_left", "metadata_not_here"],
    says: "VS Code goes on only when the resource in the metadata equals the address in mcp.json.",
    remedy: "Write the address in .vscode/mcp.json exactly as REMIT_URL and /mcp.",
    source: "https://github.com/microsoft/vscode/pull/271403",
  },
  {
    id: "mcp_remote_new_port",
    families: ["mcp_remote"],
    problems: ["redirect_wrong", "client_unknown"],
    says: "mcp-remote keeps what it registered in ~/.mcp-auth, also for another port or another server.",
    remedy: "Delete the folder ~/.mcp-auth and connect again.",
    source: "https://www.npmjs.com/package/mcp-remote",
  },
  {
    id: "inspector_browser",
    families: ["inspector"],
    problems: ["metadata_left", "challenge_left"],
    says: "The Inspector runs in a browser, which keeps answers of other origins from it unless they are allowed.",
    remedy: "Add the origin of the Inspector to REMIT_ALLOWED_ORIGINS, such as http://localhost:6274, or choose its proxy.",
    source: "https://github.com/modelcontextprotocol/inspector/issues/571",
  },
  {
    id: "origin_for_resource",
    problems: ["resource_wrong", "token_audience"],
    facts: { differs: "path" },
    says: "The client asks for the server's host with another path: it was given another address, or shortens it.",
    remedy: "Enter {expected} in the client.",
    source: "https://github.com/modelcontextprotocol/typescript-sdk/pull/1972",
  },
  {
    id: "slash_at_end",
    problems: ["token_issuer", "token_audience", "redirect_wrong"],
    facts: { differs: "slash" },
    says: "The two differ by the slash at the end only.",
    remedy: "Write it without the slash in every setting; the comparison is byte for byte.",
    source: "https://github.com/modelcontextprotocol/python-sdk/issues/1265",
  },
  {
    id: "localhost_is_not_127",
    problems: ["redirect_wrong", "host_wrong"],
    facts: { differs: "loopback" },
    says: "One side says localhost and the other 127.0.0.1. They are the same machine and different names.",
    remedy: "Use the same name on both sides.",
    source: "https://datatracker.ietf.org/doc/html/rfc8252#section-8.3",
  },
];
