/** What an app may load and reach, as origins such as `https://cdn.example.com`; nothing that is not named (MCP Apps `McpUiResourceCsp`). */
export interface AppCsp {
  /** For fetch, XHR and WebSocket. */
  readonly connectDomains?: readonly string[];
  /** For scripts, styles, images, fonts and media. */
  readonly resourceDomains?: readonly string[];
  readonly frameDomains?: readonly string[];
  readonly baseUriDomains?: readonly string[];
}

type AppPermission = "camera" | "microphone" | "geolocation" | "clipboardWrite";

/** A page that hosts show beside a tool's result (MCP extension `io.modelcontextprotocol/ui`). Tools name it with `ui`. */
export interface AppDeclaration {
  /** Begins with `ui://`. */
  readonly uri: string;
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** All of these are needed to read it; every caller of a tool that shows it must hold them. */
  readonly scopes: readonly [string, ...string[]];
  /** A whole HTML5 document. At most 1 MiB. */
  readonly html: string;
  readonly csp?: AppCsp;
  /** What the page asks the browser for. Hosts may say no. */
  readonly permissions?: readonly AppPermission[];
  /** Whether the host shall draw a border. Default: as the host likes. */
  readonly prefersBorder?: boolean;
}

/** Declares an app. It is checked when a server is created from it. */
export function defineApp(declaration: AppDeclaration): AppDeclaration {
  return declaration;
}
