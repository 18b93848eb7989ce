import { readFileSync } from "node:fs";
import * as z from "zod";

/** Where a client connects, and as whom. */
export interface Target {
  readonly url: string;
  readonly issuer: string;
  readonly agent: { readonly clientId: string; readonly clientSecret: string };
  /** An access token with all that the agent may be granted. */
  readonly token: string;
  /** An empty folder that the client may take for the home of its user. */
  readonly home: string;
}

export type Arguments = Readonly<Record<string, unknown>>;

/** A connected client. Its calls throw what the client shows its user when the server refuses. */
export interface Connection {
  listTools(): Promise<readonly string[]>;
  /** The structured content of the answer. */
  callTool(name: string, args: Arguments): Promise<unknown>;
  /** The progress that was shown before the answer. Absent when the client shows none. */
  streamTool?(name: string, args: Arguments): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** A client as people use it. */
export interface RealClient {
  readonly name: string;
  readonly version: string;
  /** The revision that it must end up with. */
  readonly protocol: string;
  /** What it is given: a token in a header, or the agent's credentials, with which it gets one itself. */
  readonly auth: "header" | "client_credentials";
  /** What its token holds: all that the agent may be granted, or only the baseline that the first challenge asks for. */
  readonly holds: "granted" | "baseline";
  /** What it says when a scope is missing. */
  readonly refusal: RegExp;
  /** It calls only tools that it has seen in the list. */
  readonly callsListedToolsOnly?: boolean;
  /** It asks for the scope that a challenge names, and calls again. */
  readonly stepsUp?: boolean;
  connect(target: Target): Promise<Connection>;
}

const Package = z.object({ version: z.string() });

export function versionOf(name: string): string {
  return Package.parse(JSON.parse(readFileSync(new URL(`../../node_modules/${name}/package.json`, import.meta.url), "utf8"))).version;
}
