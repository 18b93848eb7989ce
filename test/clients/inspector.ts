/** The command line of the MCP Inspector: one process a request. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { versionOf, type RealClient, type Target } from "./real-client.ts";

const LAUNCHER = fileURLToPath(
  new URL("../../node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js", import.meta.url),
);
const TIMEOUT_MS = 20_000;
const ERAS = [
  ["legacy", "2025-11-25"],
  ["auto", "2026-07-28"],
  ["modern", "2026-07-28"],
] as const;

const Listed = z.object({ result: z.object({ tools: z.array(z.object({ name: z.string() })) }) });
const Called = z.object({ result: z.object({ structuredContent: z.unknown() }) });

export const inspectorClients: readonly RealClient[] = ERAS.map(([era, protocol]) => ({
  name: `inspector --cli, ${era}`,
  version: versionOf("@modelcontextprotocol/inspector"),
  protocol,
  auth: "header",
  holds: "granted",
  refusal: /403|insufficient.scope/i,
  callsListedToolsOnly: true,
  async connect(target) {
    const run = (method: readonly string[]) => inspect(target, ["--protocol-era", era, ...method]);
    return {
      // Strict: it also fails, with status 6, on a schema that other clients could not read.
      listTools: async () => Listed.parse(await run(["--method", "tools/list", "--strict"])).result.tools.map(({ name }) => name),
      callTool: async (name, args) =>
        Called.parse(await run(["--method", "tools/call", "--tool-name", name, "--tool-args-json", JSON.stringify(args)])).result
          .structuredContent,
      close: () => Promise.resolve(),
    };
  },
}));

function inspect({ url, token, home }: Target, args: readonly string[]): Promise<unknown> {
  const where = ["--cli", "--server-url", url, "--transport", "http", "--header", `Authorization: Bearer ${token}`];
  const env = { PATH: process.env["PATH"] ?? "", HOME: home, MCP_INSPECTOR_SECRET_STORE: "memory" };
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [LAUNCHER, ...where, ...args, "--format", "json", "-q"],
      { env, timeout: TIMEOUT_MS },
      (error, stdout, stderr) => {
        if (error === null) resolve(JSON.parse(stdout));
        else reject(new Error(`status ${error.code}: ${stderr.trim()}`));
      },
    );
  });
}
