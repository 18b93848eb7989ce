import { readFileSync } from "node:fs";
import * as z from "zod";

/** Where a client connects, and as whom. */
export interface Target {
  readonly url: string;
  /** Where HTTP+SSE is served. */
  readonly sseUrl: string;
  readonly issuer: string;
  readonly agent: { readonly clientId: string; readonly clientSecret: string };
  /** An access token with all that the agent may be granted. */
  readonly token: string;
  /** An empty folder that the client may take for the home of its user. */
  readonly home: string;
}

export type Arguments = Readonly<Record<string, unknown>>;

/** Takes each message of progress as the client shows it. */
export type Heard = (message: string) => void;

/** A connected client. Its calls throw what the client shows its user when the server refuses. */
export interface Connection {
  listTools(): Promise<readonly string[]>;
  /** The structured content of the answer, or its whole result when it has none. */
  callTool(name: string, args: Arguments, heard?: Heard): Promise<unknown>;
  close(): Promise<void>;
}

/** What a client says of a refused call: which scope is missing, only that it is forbidden, that it would have to sign in anew, or nothing. */
export type RefusalShown = "scope" | "403" | "sign-in" | "time-out";

/** What a client may be able to show beside a list, a call and a refusal. */
export type Skill = "streamed" | "step-up" | "asked";

/** A client as people use it, in one of the ways that they set it up. */
export interface RealClient {
  /** Its package. */
  readonly name: string;
  /** How it is set up, where there is more than one way. */
  readonly mode?: string;
  readonly version: string;
  readonly transport: "Streamable HTTP" | "HTTP+SSE";
  /** What it is given: a token in a header, or the agent's credentials, with which it gets one itself. */
  readonly auth: "header" | "client credentials";
  /** The revision that it must end up with. */
  readonly protocol: string;
  /** What its token holds: all that the agent may be granted, or only the baseline that the first challenge asks for. */
  readonly holds: "granted" | "baseline";
  /** What its user learns when a scope is missing. */
  readonly refusal: RefusalShown;
  /** It calls only tools that it has seen in the list. */
  readonly callsListedToolsOnly?: boolean;
  /** What it cannot show, and why. */
  readonly lacks: Readonly<Partial<Record<Skill, string>>>;
  connect(target: Target): Promise<Connection>;
}

/** What the person at the client answers when a server asks for a name. */
export const PERSON = "Ada";

export const INFO = { name: "remit-client-test", version: "1.0.0" };

export const HOLDS_ALL = "gets every scope that it may have at once";
export const NO_SSE_STEP_UP = "shows the 403 on HTTP+SSE, and asks for no more scopes there";
export const FIXED_TOKEN = "keeps the token that it was given";

const Package = z.object({ version: z.string() });

export function versionOf(name: string): string {
  return Package.parse(JSON.parse(readFileSync(new URL(`../../node_modules/${name}/package.json`, import.meta.url), "utf8"))).version;
}
