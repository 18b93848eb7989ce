/** The official SDK, the current generation and the one before, in this process. */
import {
  Client,
  ClientCredentialsProvider,
  StreamableHTTPClientTransport,
  type VersionNegotiationMode,
} from "@modelcontextprotocol/client";
import { ClientCredentialsProvider as OldProvider } from "@modelcontextprotocol/sdk/client/auth-extensions.js";
import { Client as OldClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as OldTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { versionOf, type Connection, type RealClient, type Target } from "./real-client.ts";

type Auth = RealClient["auth"];

const INFO = { name: "remit-client-test", version: "1.0.0" };
const AUTHS: readonly Auth[] = ["header", "client_credentials"];
const MODES: readonly (readonly [VersionNegotiationMode | undefined, string])[] = [
  [undefined, "2025-11-25"],
  ["auto", "2026-07-28"],
  [{ pin: "2026-07-28" }, "2026-07-28"],
];

/** With a token in a header it names the scope; with credentials it first tries to get it, and then gives up. */
const REFUSALS: Readonly<Record<Auth, RegExp>> = {
  header: /^InsufficientScopeError: Insufficient scope: required ".*env:write"$/,
  client_credentials: /^SdkHttpError: Server returned 403 insufficient_scope after step-up/,
};
/** The same in words of the SDK before. */
const OLD_REFUSALS: Readonly<Record<Auth, RegExp>> = {
  header: /"error":"insufficient_scope".*"missing":"env:write"/,
  client_credentials: /^Error: Streamable HTTP error: Server returned 403/,
};

export const sdkClients: readonly RealClient[] = [
  ...AUTHS.map(oldClient),
  ...MODES.flatMap(([mode, protocol]) => AUTHS.map((auth) => newClient(auth, mode, protocol))),
];

function headerOf({ token }: Target) {
  return { requestInit: { headers: { Authorization: `Bearer ${token}` } } };
}

function credentialsOf({ agent, issuer }: Target) {
  return { ...agent, expectedIssuer: issuer };
}

function newClient(auth: Auth, mode: VersionNegotiationMode | undefined, protocol: string): RealClient {
  return {
    name: `@modelcontextprotocol/client, ${mode === undefined ? "default" : typeof mode === "string" ? mode : `pin ${mode.pin}`}`,
    version: versionOf("@modelcontextprotocol/client"),
    protocol,
    auth,
    holds: auth === "header" ? "granted" : "baseline",
    refusal: REFUSALS[auth],
    stepsUp: auth === "client_credentials",
    async connect(target) {
      const client = new Client(INFO, mode === undefined ? {} : { versionNegotiation: { mode } });
      const options = auth === "header" ? headerOf(target) : { authProvider: new ClientCredentialsProvider(credentialsOf(target)) };
      await client.connect(new StreamableHTTPClientTransport(new URL(target.url), options));
      return connectionOf(client, (name, args, onprogress) =>
        client.callTool({ name, arguments: args }, onprogress === undefined ? {} : { onprogress }),
      );
    },
  };
}

function oldClient(auth: Auth): RealClient {
  return {
    name: "@modelcontextprotocol/sdk",
    version: versionOf("@modelcontextprotocol/sdk"),
    protocol: "2025-11-25",
    auth,
    // With credentials it names no scope, and so gets all.
    holds: "granted",
    refusal: OLD_REFUSALS[auth],
    async connect(target) {
      const client = new OldClient(INFO);
      const options = auth === "header" ? headerOf(target) : { authProvider: new OldProvider(credentialsOf(target)) };
      await client.connect(new OldTransport(new URL(target.url), options));
      return connectionOf(client, (name, args, onprogress) =>
        client.callTool({ name, arguments: args }, undefined, onprogress === undefined ? {} : { onprogress }),
      );
    },
  };
}

type Progress = (update: { readonly message?: string | undefined }) => void;
type Call = (name: string, args: Record<string, unknown>, onprogress?: Progress) => Promise<object>;

interface Listing {
  listTools(): Promise<{ readonly tools: readonly { readonly name: string }[] }>;
  close(): Promise<void>;
}

function connectionOf(client: Listing, call: Call): Connection {
  return {
    listTools: async () => (await client.listTools()).tools.map(({ name }) => name),
    callTool: async (name, args) => structuredOf(await call(name, args)),
    async streamTool(name, args) {
      const messages: string[] = [];
      await call(name, args, ({ message = "" }) => messages.push(message));
      return messages;
    },
    close: () => client.close(),
  };
}

/** The SDK before has results of older revisions in its types, which had no structured content. */
function structuredOf(result: object): unknown {
  return "structuredContent" in result ? result.structuredContent : undefined;
}
