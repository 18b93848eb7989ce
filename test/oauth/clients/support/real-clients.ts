/** What real clients say about themselves when they register, and in their documents. Ids in URLs and ports are made up. */

export interface RealClient {
  readonly client: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** A redirect URI that it names when it asks, and the kind that this makes it. */
  readonly redirectUri: string;
  readonly type: "native" | "web";
  readonly method?: "none" | "client_secret_basic" | "client_secret_post" | "private_key_jwt";
}

const CODE = { grant_types: ["authorization_code", "refresh_token"], response_types: ["code"] };
const DEVICE = "urn:ietf:params:oauth:grant-type:device_code";
const CURSOR = [
  "cursor://anysphere.cursor-mcp/oauth/callback",
  "https://www.cursor.com/agents/mcp/oauth/callback",
  "http://localhost:8787/callback",
];

export const REGISTRATIONS: readonly RealClient[] = [
  {
    client: "Claude.ai",
    metadata: {
      client_name: "Claude",
      redirect_uris: ["https://claude.ai/api/mcp/auth_callback"],
      ...CODE,
      scope: " offline_access",
      token_endpoint_auth_method: "none",
    },
    redirectUri: "https://claude.ai/api/mcp/auth_callback",
    type: "web",
  },
  {
    client: "Claude.ai as a client with a secret",
    metadata: {
      client_name: "Claude",
      redirect_uris: ["https://claude.ai/api/mcp/auth_callback"],
      ...CODE,
      token_endpoint_auth_method: "client_secret_post",
    },
    redirectUri: "https://claude.ai/api/mcp/auth_callback",
    type: "web",
    method: "client_secret_post",
  },
  {
    client: "Claude Code",
    metadata: {
      client_name: "Claude Code (remit)",
      redirect_uris: ["http://localhost:54212/callback"],
      ...CODE,
      token_endpoint_auth_method: "none",
      application_type: "native",
    },
    redirectUri: "http://localhost:54212/callback",
    type: "native",
  },
  {
    client: "Claude Code without a type",
    metadata: {
      client_name: "Claude Code (remit)",
      redirect_uris: ["http://localhost:54212/callback"],
      ...CODE,
      token_endpoint_auth_method: "none",
    },
    redirectUri: "http://localhost:61007/callback",
    type: "native",
  },
  {
    client: "ChatGPT",
    metadata: {
      client_name: "ChatGPT",
      redirect_uris: ["https://chatgpt.com/connector/oauth/aBcD1234"],
      ...CODE,
      token_endpoint_auth_method: "none",
    },
    redirectUri: "https://chatgpt.com/connector/oauth/aBcD1234",
    type: "web",
  },
  {
    client: "ChatGPT, older",
    metadata: {
      client_name: "ChatGPT",
      redirect_uris: ["https://chatgpt.com/connector_platform_oauth_redirect"],
      ...CODE,
      token_endpoint_auth_method: "client_secret_basic",
    },
    redirectUri: "https://chatgpt.com/connector_platform_oauth_redirect",
    type: "web",
    method: "client_secret_basic",
  },
  {
    client: "Codex",
    metadata: {
      client_name: "Codex",
      redirect_uris: ["http://127.0.0.1:38471/callback"],
      ...CODE,
      token_endpoint_auth_method: "none",
      application_type: "native",
    },
    redirectUri: "http://127.0.0.1:38471/callback",
    type: "native",
  },
  {
    client: "Cursor",
    metadata: { client_name: "Cursor", redirect_uris: CURSOR, ...CODE, token_endpoint_auth_method: "none" },
    redirectUri: "cursor://anysphere.cursor-mcp/oauth/callback",
    type: "native",
  },
  {
    client: "Cursor that says web",
    metadata: { client_name: "Cursor", redirect_uris: CURSOR, ...CODE, token_endpoint_auth_method: "none", application_type: "web" },
    redirectUri: "https://www.cursor.com/agents/mcp/oauth/callback",
    type: "native",
  },
  {
    client: "VS Code",
    metadata: {
      client_name: "Visual Studio Code",
      client_uri: "https://code.visualstudio.com",
      grant_types: ["authorization_code", "refresh_token", DEVICE],
      response_types: ["code"],
      redirect_uris: [
        "https://insiders.vscode.dev/redirect",
        "https://vscode.dev/redirect",
        "http://127.0.0.1/",
        "http://127.0.0.1:33418/",
      ],
      scope: "org:read org:write",
      token_endpoint_auth_method: "none",
      application_type: "native",
    },
    redirectUri: "http://127.0.0.1:49152/",
    type: "native",
  },
  {
    client: "mcp-remote",
    metadata: {
      redirect_uris: ["http://localhost:20341/oauth/callback"],
      token_endpoint_auth_method: "none",
      ...CODE,
      client_name: "MCP CLI Proxy",
      client_uri: "https://github.com/modelcontextprotocol/mcp-cli",
      software_id: "2e6dc280-f3c3-4e01-99a7-8181dbd1d23d",
      software_version: "0.15.1",
      application_type: "native",
    },
    redirectUri: "http://localhost:20341/oauth/callback",
    type: "native",
  },
  {
    client: "Inspector in the browser",
    metadata: {
      redirect_uris: ["http://localhost:6274/oauth/callback"],
      token_endpoint_auth_method: "none",
      ...CODE,
      client_name: "MCP Inspector",
      client_uri: "https://github.com/modelcontextprotocol/inspector",
      scope: "",
      application_type: "native",
    },
    redirectUri: "http://localhost:6274/oauth/callback",
    type: "native",
  },
  {
    client: "Inspector in the terminal",
    metadata: {
      redirect_uris: ["http://127.0.0.1:6276/oauth/callback"],
      token_endpoint_auth_method: "none",
      ...CODE,
      client_name: "MCP Inspector",
      scope: "",
    },
    redirectUri: "http://127.0.0.1:6276/oauth/callback",
    type: "native",
  },
  {
    client: "Gemini CLI",
    metadata: {
      client_name: "Gemini CLI MCP Client",
      redirect_uris: ["http://localhost:7777/oauth/callback"],
      ...CODE,
      token_endpoint_auth_method: "none",
      scope: null,
    },
    redirectUri: "http://localhost:7777/oauth/callback",
    type: "native",
  },
  {
    client: "a client that says nothing but where to",
    metadata: { redirect_uris: ["https://app.example/cb"] },
    redirectUri: "https://app.example/cb",
    type: "web",
    method: "client_secret_basic",
  },
];

export interface RealDocument extends RealClient {
  readonly id: string;
}

export const DOCUMENTS: readonly RealDocument[] = [
  {
    client: "Claude.ai",
    id: "https://claude.ai/oauth/mcp-oauth-client-metadata",
    metadata: {
      client_name: "Claude",
      client_uri: "https://claude.ai",
      redirect_uris: ["https://claude.ai/api/mcp/auth_callback", "https://claude.com/api/mcp/auth_callback"],
      ...CODE,
      token_endpoint_auth_method: "none",
    },
    redirectUri: "https://claude.com/api/mcp/auth_callback",
    type: "web",
  },
  {
    client: "Claude Code",
    id: "https://claude.ai/oauth/claude-code-client-metadata",
    metadata: {
      client_name: "Claude Code",
      client_uri: "https://claude.ai",
      redirect_uris: ["http://localhost/callback", "http://127.0.0.1/callback"],
      ...CODE,
      token_endpoint_auth_method: "none",
    },
    redirectUri: "http://localhost:54212/callback",
    type: "native",
  },
  {
    client: "ChatGPT",
    id: "https://chatgpt.com/oauth/aBcD1234/client.json",
    metadata: {
      client_name: "ChatGPT",
      client_uri: "https://chatgpt.com",
      redirect_uris: ["https://chatgpt.com/connector/oauth/aBcD1234"],
      ...CODE,
      token_endpoint_auth_method: "private_key_jwt",
      token_endpoint_auth_methods_supported: ["private_key_jwt", "none"],
      token_endpoint_auth_signing_alg: "RS256",
      jwks_uri: "https://chatgpt.com/oauth/jwks.json",
    },
    redirectUri: "https://chatgpt.com/connector/oauth/aBcD1234",
    type: "web",
    method: "private_key_jwt",
  },
  {
    client: "Codex",
    id: "https://chatgpt.com/oauth/codex/client.json",
    metadata: {
      client_name: "Codex",
      redirect_uris: ["http://127.0.0.1/callback", "http://localhost/callback"],
      ...CODE,
      token_endpoint_auth_method: "none",
      application_type: "native",
    },
    redirectUri: "http://127.0.0.1:38471/callback",
    type: "native",
  },
  {
    client: "VS Code",
    id: "https://vscode.dev/oauth/client-metadata.json",
    metadata: {
      client_name: "Visual Studio Code",
      client_uri: "https://code.visualstudio.com",
      grant_types: ["authorization_code", "refresh_token", DEVICE],
      response_types: ["code"],
      redirect_uris: ["http://127.0.0.1:33418/", "https://vscode.dev/redirect", "http://localhost/", "http://127.0.0.1/"],
      token_endpoint_auth_method: "none",
      application_type: "native",
    },
    redirectUri: "https://vscode.dev/redirect",
    type: "native",
  },
  {
    client: "opencode",
    id: "https://opencode.ai/oauth/opencode/client.json",
    metadata: {
      client_name: "OpenCode",
      redirect_uris: ["http://127.0.0.1/mcp/oauth/callback"],
      ...CODE,
      token_endpoint_auth_method: "none",
    },
    redirectUri: "http://127.0.0.1:19876/mcp/oauth/callback",
    type: "native",
  },
];
