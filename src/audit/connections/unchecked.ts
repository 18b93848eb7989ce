/** The claims of a JWT, unchecked: good for an explanation and for nothing else. */
export function claimsOf(jwt: string): Readonly<Record<string, unknown>> | undefined {
  const [, part] = /^[\w-]+\.([\w-]+)\.[\w-]*$/.exec(jwt) ?? [];
  if (part === undefined) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(part, "base64url").toString());
    return typeof claims === "object" && claims !== null ? (claims as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}

/** A span of time in few words. */
export function duration(ms: number): string {
  const seconds = Math.round(Math.abs(ms) / 1000);
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
