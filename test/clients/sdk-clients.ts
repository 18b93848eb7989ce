/** The official SDK, the current generation and the one before. */
import {
  Client,
  ClientCredentialsProvider,
  SSEClientTransport,
  StreamableHTTPClientTransport,
  type VersionNegotiationMode,
} from "@modelcontextprotocol/client";
import { ClientCredentialsProvider as OldProvider } from "@modelcontextprotocol/sdk/client/auth-extensions.js";
import { Client as OldClient } from "@modelcontextprotocol/sdk/client/index.js";
import { SSEClientTransport as OldSseTransport } from "@modelcontextprotocol/sdk/client/sse.js";
import { StreamableHTTPClientTransport as OldTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import {
  FIXED_TOKEN,
  HOLDS_ALL,
  INFO,
  NO_SSE_STEP_UP,
  PERSON,
  versionOf,
  type Connection,
  type Heard,
  type RealClient,
  type Target,
} from "./real-client.ts";

type Way = Pick<RealClient, "auth" | "transport">;

const WAYS: readonly Way[] = [
  { transport: "Streamable HTTP", auth: "header" },
  { transport: "Streamable HTTP", auth: "client credentials" },
  { transport: "HTTP+SSE", auth: "header" },
  { transport: "HTTP+SSE", auth: "client credentials" },
];
const MODES: readonly (readonly [mode: string, VersionNegotiationMode | undefined, protocol: string])[] = [
  ["default", undefined, "2025-11-25"],
  ["auto", "auto", "2026-07-28"],
  ["pin 2026-07-28", { pin: "2026-07-28" }, "2026-07-28"],
];
const ELICITATION = { capabilities: { elicitation: { form: {} } } };

export const sdkClients: readonly RealClient[] = [
  ...WAYS.map(oldClient),
  // Only revisions before 2026-07-28 have HTTP+SSE, so there is nothing to negotiate on it.
  ...MODES.flatMap((mode) =>
    WAYS.filter(({ transport }) => mode[1] === undefined || transport === "Streamable HTTP").map((way) => newClient(way, mode)),
  ),
];

export function credentialsOf({ agent, issuer }: Target) {
  return { ...agent, expectedIssuer: issuer };
}

function headerOf({ token }: Target) {
  return { requestInit: { headers: { Authorization: `Bearer ${token}` } } };
}

function newClient(way: Way, [mode, negotiation, protocol]: (typeof MODES)[number]): RealClient {
  const isHeader = way.auth === "header";
  return {
    name: "@modelcontextprotocol/client",
    mode,
    version: versionOf("@modelcontextprotocol/client"),
    ...way,
    protocol,
    holds: isHeader ? "granted" : "baseline",
    // With credentials it first tries to get the scope, and then gives up.
    refusal: isHeader || way.transport === "HTTP+SSE" ? "scope" : "403",
    lacks: isHeader ? { "step-up": FIXED_TOKEN } : way.transport === "HTTP+SSE" ? { "step-up": NO_SSE_STEP_UP } : {},
    async connect(target) {
      const client = new Client(INFO, {
        ...ELICITATION,
        ...(negotiation === undefined ? {} : { versionNegotiation: { mode: negotiation } }),
      });
      client.setRequestHandler("elicitation/create", () => ({ action: "accept", content: { name: PERSON } }));
      const options = isHeader ? headerOf(target) : { authProvider: new ClientCredentialsProvider(credentialsOf(target)) };
      await client.connect(
        way.transport === "HTTP+SSE"
          ? new SSEClientTransport(new URL(target.sseUrl), options)
          : new StreamableHTTPClientTransport(new URL(target.url), options),
      );
      return connectionOf(client, (name, args, onprogress) =>
        client.callTool({ name, arguments: args }, onprogress === undefined ? {} : { onprogress }),
      );
    },
  };
}

function oldClient(way: Way): RealClient {
  const isHeader = way.auth === "header";
  return {
    name: "@modelcontextprotocol/sdk",
    version: versionOf("@modelcontextprotocol/sdk"),
    ...way,
    protocol: "2025-11-25",
    // With credentials it names no scope, and so gets all.
    holds: "granted",
    refusal: isHeader || way.transport === "HTTP+SSE" ? "scope" : "403",
    lacks: { "step-up": isHeader ? FIXED_TOKEN : HOLDS_ALL },
    async connect(target) {
      const client = new OldClient(INFO, ELICITATION);
      client.setRequestHandler(ElicitRequestSchema, () => ({ action: "accept", content: { name: PERSON } }));
      const options = isHeader ? headerOf(target) : { authProvider: new OldProvider(credentialsOf(target)) };
      await client.connect(
        way.transport === "HTTP+SSE"
          ? new OldSseTransport(new URL(target.sseUrl), options)
          : new OldTransport(new URL(target.url), options),
      );
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

export function connectionOf(client: Listing, call: Call): Connection {
  return {
    listTools: async () => (await client.listTools()).tools.map(({ name }) => name),
    callTool: async (name, args, heard?: Heard) =>
      answerOf(await call(name, args, heard === undefined ? undefined : ({ message = "" }) => heard(message))),
    close: () => client.close(),
  };
}

/** What a result holds for programs, or the result; an error that the server put into the result is thrown. */
export function answerOf(result: object): unknown {
  if ("isError" in result && result.isError === true) throw new Error(JSON.stringify(result));
  return "structuredContent" in result && result.structuredContent !== undefined ? result.structuredContent : result;
}
