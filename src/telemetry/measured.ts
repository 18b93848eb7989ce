/** What is measured of one request of MCP. Names are those that are declared: what a caller makes up is no label. */
export interface Measured {
  readonly method: string;
  readonly tool: string | undefined;
  readonly prompt: string | undefined;
  readonly protocol: string;
  readonly allowed: boolean;
  readonly rule: string;
  readonly outcome: string;
  readonly reason: string | undefined;
  readonly durationMs: number;
  readonly resultBytes: number | undefined;
}

/** A denial is no failure of the server, and still an error of the operation. */
export function errorTypeOf(outcome: string, reason: string | undefined): string | undefined {
  return outcome === "ok" || outcome === "input_required" || outcome === "held" ? undefined : (reason ?? outcome);
}
