/** A client that knows only stdio, as Claude Desktop does, through mcp-remote; its person signs in and decides in a browser. */
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { until } from "../../support/remit.ts";
import { environment } from "./transcript.ts";

const PROXY = fileURLToPath(new URL("../../../node_modules/mcp-remote/dist/proxy.js", import.meta.url));
const AUTHORIZE = /https?:\/\/\S+\/authorize\?\S+/g;

export interface Bridge {
  readonly client: Client;
  /** The pages that it asked its person to open, in order. */
  pages(): readonly string[];
  close(): Promise<void>;
}

/** `onPage` opens the page and decides, and gives the address to which the browser is sent. */
export async function connectBridge(url: string, home: string, onPage: (page: string) => Promise<URL>): Promise<Bridge> {
  const env = { PATH: environment()["PATH"] ?? "", HOME: home, BROWSER: "true" };
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [PROXY, url, "--transport", "http-only"],
    env,
    stderr: "pipe",
  });
  let said = "";
  transport.stderr?.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const client = new Client({ name: "claude-style", version: "1.0.0" });
  const pages = () => said.match(AUTHORIZE) ?? [];
  const connected = client.connect(transport);
  connected.catch(() => undefined);
  try {
    const callback = await onPage(await until(() => pages()[0]));
    const { status } = await fetch(callback);
    if (status !== 200) throw new Error(`the client's callback answers ${status}`);
    await connected;
  } catch (error) {
    await client.close();
    throw new Error(`mcp-remote said:\n${said}`, { cause: error });
  }
  return { client, pages, close: () => client.close() };
}
