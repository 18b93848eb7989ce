/** Whether the server is well, and what it stands on. Everybody of every workspace may read this. */
import type { Health, HealthCheck, HealthFacts } from "../contract-evidence.ts";
import type { ConsoleContext, Endpoint } from "../endpoint.ts";
import { version } from "../../lib/package-version/index.ts";
import { isOnlyWorkspace } from "../workspace-clients.ts";

export const HEALTH_ENDPOINTS: readonly Endpoint[] = [{ method: "GET", path: "health", role: "viewer", run: showHealth }];

async function showHealth(context: ConsoleContext): Promise<Health> {
  const [checks, keys] = await Promise.all([runChecks(context), signingKeys(context)]);
  return { version, checks, about: [keys, ledgerFacts(context), accessFacts(context), telemetryFacts(context), versions(context)] };
}

const TITLES: Readonly<Record<string, string>> = {
  config: "Settings",
  clock: "Clock",
  store: "Store",
  keys: "Signing keys",
  documents: "Discovery documents",
  challenge: "Challenge",
  ledger: "Ledger",
};
const STATES = { ok: "ok", warning: "warn", failed: "fail" } as const;
const SAYS = { ok: "All is well.", warn: "It needs a look.", fail: "It does not work." } as const;

/** What was found names folders and machines: where several workspaces share a server, that is for its operator. */
async function runChecks({ operator, store, by }: ConsoleContext): Promise<readonly HealthCheck[]> {
  const [checks, isOwn] = await Promise.all([operator.checkHealth(), isOnlyWorkspace(store, by.workspaceId)]);
  return checks.map(({ name, status, detail, next: todo }) => {
    const state = STATES[status];
    const next = isOwn ? todo : state === "ok" ? undefined : "Tell the operator of the server: remit doctor says more.";
    const says = isOwn ? detail : SAYS[state];
    return { id: name, title: TITLES[name] ?? name, state, says, ...(next === undefined ? {} : { next }) };
  });
}

async function signingKeys({ store, config }: ConsoleContext): Promise<HealthFacts> {
  const keys = await store.signingKeys.list();
  const shown = keys.map(({ kid, alg, state, state_at }) => ({ name: kid, value: `${alg}, ${state} since ${instant(state_at)}` }));
  return { title: "Signing keys", facts: [...shown, { name: "replaced", value: `every ${config.keyRotationDays} days` }] };
}

function ledgerFacts({ config, operator }: ConsoleContext): HealthFacts {
  const { retentionDays, anchor, siem } = config.ledger;
  return {
    title: "Ledger",
    facts: [
      { name: "key of its checkpoints", value: operator.ledgerKey() },
      { name: "text of records is kept", value: retentionDays === undefined ? "for ever" : `${retentionDays} days` },
      { name: "checkpoints are anchored", value: yesNo(anchor !== undefined) },
      { name: "passed on to a SIEM", value: yesNo(siem !== undefined) },
    ],
  };
}

function accessFacts({ url, mcpUrl, config, registry }: ConsoleContext): HealthFacts {
  const { signIn, enterprise, registration, approvalsFor, accessTokenTtlSeconds } = config;
  return {
    title: "Access",
    facts: [
      { name: "issuer", value: url },
      { name: "resource", value: mcpUrl },
      { name: "people also sign in at", value: signIn?.issuer ?? "nowhere else" },
      { name: "grants asserted by", value: enterprise?.issuer ?? "nobody" },
      { name: "clients may register themselves", value: yesNo(registration.isEnabled) },
      { name: "an access token lives", value: `${accessTokenTtlSeconds} s` },
      { name: "people approve", value: approvalsFor === "destructive" ? "destructive calls" : "only what a policy says" },
      { name: "tools, scopes", value: `${registry.tools.size}, ${registry.scopes.names.length}` },
    ],
  };
}

function telemetryFacts({ config }: ConsoleContext): HealthFacts {
  return {
    title: "Telemetry",
    facts: [
      { name: "metrics", value: config.metrics === undefined ? "not served" : "served" },
      { name: "traces", value: config.tracing.replaceAll("_", " ") },
      { name: "log", value: config.logLevel },
    ],
  };
}

function versions({ config }: ConsoleContext): HealthFacts {
  return {
    title: "Versions",
    facts: [
      { name: "Remit", value: version },
      { name: "Node.js", value: process.versions.node },
      { name: "store", value: config.databaseUrl === undefined ? `SQLite ${process.versions.sqlite ?? ""}`.trim() : "PostgreSQL" },
    ],
  };
}

function yesNo(is: boolean): string {
  return is ? "yes" : "no";
}

function instant(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
