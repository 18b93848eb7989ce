/** Tells the parent process, as one JSON line, where this server listens and what a caller needs. */
export function announce(listening: { readonly port: number; readonly [more: string]: unknown }): void;

/** A TCP port of 127.0.0.1 that is free now, for servers that cannot say which one port 0 gave them. */
export function freePort(): Promise<number>;
