export interface Identity {
  readonly id: string;
  readonly label: string;
  readonly kind: string;
  readonly scopes: readonly string[];
}

export interface ScopeNeed {
  readonly scope: string;
  readonly held: boolean | null;
}

export interface ToolExample {
  readonly title: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

export interface SurfaceTool {
  readonly name: string;
  readonly title: string | null;
  readonly description: string;
  readonly inputSchema: Readonly<Record<string, unknown>>;
  readonly outputSchema: Readonly<Record<string, unknown>> | null;
  readonly annotations: Readonly<Record<string, unknown>>;
  readonly scopes: readonly ScopeNeed[];
  /** Estimated. */
  readonly tokens: number;
  readonly examples: readonly ToolExample[];
}

export interface SurfaceOther {
  readonly name: string;
  readonly uri?: string;
  readonly title: string | null;
  readonly description: string;
  readonly scopes: readonly ScopeNeed[];
  readonly tokens: number;
}

export interface Surface {
  readonly mcpUrl: string;
  readonly tools: readonly SurfaceTool[];
  readonly resources: readonly SurfaceOther[];
  readonly prompts: readonly SurfaceOther[];
}

export interface Check {
  readonly check: string;
  readonly outcome: string;
  readonly needs: string;
  readonly has: string;
  readonly change?: string;
}

export interface Explained {
  readonly allowed: boolean;
  readonly rule: string;
  readonly checks: readonly Check[];
}

export type CallLine =
  | {
      readonly type: "request";
      readonly method: string;
      readonly url: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
    }
  | { readonly type: "response"; readonly status: number; readonly headers: Readonly<Record<string, string>> }
  | { readonly type: "event"; readonly atMs: number; readonly message: unknown }
  | { readonly type: "end"; readonly ms: number; readonly explained: Explained | null };
