/** Whether the server is well, and what it stands on. No address of another system is told: everybody of every workspace may read this. */
import type { Health, HealthCheck, HealthFacts } from "../contract-evidence.ts";
import type { ConsoleContext, Endpoint } from "../endpoint.ts";
import { version } from "../../lib/package-version/index.ts";

const DAY_MS = 86_400_000;

export const HEALTH_ENDPOINTS: readonly Endpoint[] = [{ method: "GET", path: "health", role: "viewer", run: showHealth }];

async function showHealth(context: ConsoleContext): Promise<Health> {
  const [checks, keys] = await Promise.all([runChecks(context), signingKeys(context)]);
  return { version, checks, about: [keys, ledgerFacts(context), accessFacts(context), telemetryFacts(context), versions(context)] };
}

async function runChecks({ store, ledger, config, now }: ConsoleContext): Promise<readonly HealthCheck[]> {
  const answers = await store.ping().then(
    () => true,
    () => false,
  );
  const keys = answers ? await store.signingKeys.list() : [];
  const active = keys.find(({ state }) => state === "active");
  const isOverdue = active !== undefined && now() - active.state_at > (config.keyRotationDays + 1) * DAY_MS;
  return [
    answers
      ? { id: "store", title: "Store", state: "ok", says: "The store answers." }
      : { id: "store", title: "Store", state: "fail", says: "The store does not answer.", next: "Look whether the database runs." },
    active === undefined
      ? { id: "keys", title: "Signing keys", state: "fail", says: "No key signs tokens.", next: "Restart the server; its log says why." }
      : isOverdue
        ? {
            id: "keys",
            title: "Signing keys",
            state: "warn",
            says: "The signing key is older than it should be.",
            next: "remit key rotate",
          }
        : { id: "keys", title: "Signing keys", state: "ok", says: `${active.alg} signs tokens.` },
    ledger.isWritable()
      ? { id: "ledger", title: "Ledger", state: "ok", says: "Each decision is put on record." }
      : {
          id: "ledger",
          title: "Ledger",
          state: "fail",
          says: "The ledger cannot be written, so calls are refused.",
          next: "Look whether the disk is full.",
        },
  ];
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
