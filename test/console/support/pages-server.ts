/**
 * The built pages under the policy that they must live with, on what a real server answers to its operator. It stands where the console's own
 * server side will: it has no sign-in and no roles, and checks none.
 */
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import type { TestContext } from "node:test";
import { openAudit, parseConfig } from "../../../src/index.ts";
import type { Day } from "./day.ts";

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
const KINDS: Readonly<Record<string, string>> = {
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".html": "text/html",
};
const BUILT = join(import.meta.dirname, "../../../dist/console/ui");

type Answers = Readonly<Record<string, (query: URLSearchParams, rest: string) => unknown>>;

export async function servePages(t: Pick<TestContext, "after">, day: Day): Promise<string> {
  const answers = await answersOf(t, day);
  const server = createServer((req, res) => void serve(req, res, answers).catch(() => res.writeHead(500).end()));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function serve(req: IncomingMessage, res: ServerResponse, answers: Answers): Promise<void> {
  const { pathname, searchParams } = new URL(req.url ?? "/", "http://pages");
  const api = /^\/console\/api\/([\w-]+)\/?(.*)$/.exec(pathname);
  if (api === null) return servePage(pathname, res);
  const answer = answers[api[1] ?? ""];
  if (answer === undefined) {
    const error = { code: "not_found", message: "There is no such thing here.", next: "Go to another screen." };
    res.writeHead(404, { "content-type": "application/json" }).end(JSON.stringify({ error }));
    return undefined;
  }
  const body = await answer(searchParams, api[2] ?? "");
  const lines = Array.isArray(body) ? body.map((line) => `${JSON.stringify(line)}\n`).join("") : JSON.stringify(body);
  res.writeHead(200, { "content-type": "application/json" }).end(lines);
  return undefined;
}

async function servePage(pathname: string, res: ServerResponse): Promise<void> {
  const file = extname(pathname) === "" ? "index.html" : pathname.replace(/^\/console\//, "");
  const bytes = await readFile(join(BUILT, file));
  res
    .writeHead(200, {
      "content-type": KINDS[extname(file)] ?? "text/plain",
      "content-security-policy": POLICY,
      "x-content-type-options": "nosniff",
    })
    .end(bytes);
}

async function answersOf(t: Pick<TestContext, "after">, day: Day): Promise<Answers> {
  const { operator } = day.server;
  const audit = await openAudit(parseConfig({ REMIT_DATA: day.dataDir }));
  t.after(() => audit.close());
  return {
    session: () => {
      const workspace = { id: day.workspaceId, name: "Acme" };
      return { person: { name: "Ada Nakamura" }, role: "admin", workspace, workspaces: [workspace] };
    },
    usage: (query) => operator.usage(numbered(query)),
    failures: async () => ({ failures: await operator.listFailures({}) }),
    ledger: async (query, rest) => {
      if (rest === "verify")
        return [
          { checked: 1, of: 2 },
          { ok: true, records: await audit.records(), signed: 0, problems: [] },
        ];
      if (rest !== "") return detailOf(Number(rest));
      const before = query.get("before");
      const page = { limit: 50, nowMs: Date.now(), ...(before === null ? {} : { beforeSeq: Number(before) }) };
      const found = await audit.search(query.get("q") ?? "", page);
      if ("problems" in found) return { records: [], next: null, names: {} };
      return { records: found.records, next: found.nextBeforeSeq ?? null, names: {} };
    },
    clients: async () => ({
      clients: (await operator.listAgents()).map(({ scopes, created_at, used_at, disabled_at, ...rest }) => ({
        ...rest,
        scopes: scopes?.split(" ") ?? [],
        createdAt: created_at,
        usedAt: used_at,
        disabledAt: disabled_at,
      })),
      scopes: ["audit:read", "docs:read", "env:read", "env:write", "org:read", "org:write", "usage:read", "wks:read", "wks:write"],
    }),
    grants: async () => {
      const agents = await operator.listAgents();
      return {
        grants: (await operator.listGrants()).map(({ client_id, scopes, created_at, expires_at, ...rest }) => ({
          ...rest,
          clientId: client_id,
          clientName: agents.find(({ id }) => id === client_id)?.name ?? client_id,
          scopes: scopes.split(" "),
          createdAt: created_at,
          expiresAt: expires_at,
        })),
      };
    },
    "least-privilege": async () => ({ days: 30, grants: await operator.adviseGrants({ days: 30 }) }),
    kills: async () => ({ kills: await operator.listKills() }),
    connections: async () => ({ connections: await operator.listConnections(50) }),
    approvals: () => ({ approvals: [] }),
    changes: () => ({ changes: [] }),
  };

  async function detailOf(seq: number): Promise<unknown> {
    const [record] = await audit.read(seq - 1, 1);
    const decision = record?.["decision"];
    const trace = typeof decision === "string" ? await operator.explainDecision(decision) : null;
    const proof = { hash: "", previous: "", signed: (await audit.proveSigned(seq)) ?? null };
    return { record: { ...record, seq }, trace: trace === null || "problems" in trace ? null : trace, proof };
  }
}

function numbered(query: URLSearchParams): Readonly<Record<string, string | number>> {
  return Object.fromEntries([...query].map(([name, value]) => [name, /^\d+$/.test(value) ? Number(value) : value]));
}
