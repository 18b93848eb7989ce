/** The command line of the MCP Inspector: one process a request. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { FIXED_TOKEN, versionOf, type RealClient, type Target } from "./real-client.ts";
import { answerOf } from "./sdk-clients.ts";

const LAUNCHER = fileURLToPath(
  new URL("../../node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js", import.meta.url),
);
const TIMEOUT_MS = 20_000;
const WAYS = [
  ["Streamable HTTP", "legacy", "2025-11-25"],
  ["Streamable HTTP", "auto", "2026-07-28"],
  ["Streamable HTTP", "modern", "2026-07-28"],
  ["HTTP+SSE", "legacy", "2025-11-25"],
] as const;

const Listed = z.object({ result: z.object({ tools: z.array(z.object({ name: z.string() })) }) });
const Called = z.object({ result: z.object({}).loose() });

export const inspectorClients: readonly RealClient[] = WAYS.map(([transport, era, protocol]) => ({
  name: "@modelcontextprotocol/inspector",
  mode: `--cli, ${era}`,
  version: versionOf("@modelcontextprotocol/inspector"),
  transport,
  auth: "header",
  protocol,
  holds: "granted",
  refusal: "scope",
  callsListedToolsOnly: true,
  lacks: {
    streamed: "prints only the result",
    "step-up": FIXED_TOKEN,
    asked: "has nobody to ask at its command line",
  },
  connect(target) {
    const run = (method: readonly string[]) => inspect(target, [...placeOf(target, transport), "--protocol-era", era, ...method]);
    return Promise.resolve({
      // Strict: it also fails, with status 6, on a schema that other clients could not read.
      listTools: async () => Listed.parse(await run(["--method", "tools/list", "--strict"])).result.tools.map(({ name }) => name),
      callTool: async (name, args) => {
        const answer = await run(["--method", "tools/call", "--tool-name", name, "--tool-args-json", JSON.stringify(args)]);
        return answerOf(Called.parse(answer).result);
      },
      close: () => Promise.resolve(),
    });
  },
}));

function placeOf({ url, sseUrl }: Target, transport: RealClient["transport"]): readonly string[] {
  return transport === "HTTP+SSE" ? ["--server-url", sseUrl, "--transport", "sse"] : ["--server-url", url, "--transport", "http"];
}

function inspect({ token, home }: Target, args: readonly string[]): Promise<unknown> {
  const env = { PATH: process.env["PATH"] ?? "", HOME: home, MCP_INSPECTOR_SECRET_STORE: "memory" };
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [LAUNCHER, "--cli", ...args, "--header", `Authorization: Bearer ${token}`, "--format", "json", "-q"],
      { env, timeout: TIMEOUT_MS, maxBuffer: 16 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (error === null) resolve(JSON.parse(stdout));
        else reject(new Error(`status ${error.code}: ${stderr.trim()} ${stdout.trim().slice(0, 2000)}`));
      },
    );
  });
}
