/** Who calls in the scripted day, what each may do, and what each is likely to do in an hour. */
import type { Rpc } from "../../support/remit.ts";

export interface Caller {
  readonly name: string;
  /** Of the client program, as it declares itself. */
  readonly client: { readonly name: string; readonly version: string };
  readonly scopes: string;
  /** Calls in each hour of the day, UTC; 0 where it sleeps. */
  readonly perHour: readonly number[];
  readonly calls: readonly Sample[];
}

/** What is called, how often relative to the others. `{env}` and `{org}` in arguments stand for ids that exist. */
export interface Sample {
  readonly weight: number;
  readonly name: string;
  readonly args?: Readonly<Record<string, unknown>>;
}

const OFFICE = [1, 1, 0, 0, 0, 2, 6, 14, 26, 30, 28, 22, 16, 26, 30, 28, 20, 12, 6, 4, 3, 2, 2, 1];
const NIGHTLY = [40, 44, 46, 30, 8, 2, 1, 1, 2, 2, 1, 1, 1, 2, 2, 1, 1, 1, 2, 2, 4, 8, 20, 34];
const STEADY = Array.from({ length: 24 }, (_, hour) => 10 + (hour % 5));
const BURST = [0, 0, 0, 0, 0, 0, 0, 0, 3, 8, 60, 12, 2, 0, 4, 50, 6, 2, 0, 0, 0, 0, 0, 0];
const RARE = [0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 2, 1, 0, 1, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0];

export const CALLERS: readonly Caller[] = [
  {
    name: "Support desk",
    client: { name: "Claude", version: "1.9.2" },
    scopes: "wks:read env:read org:read docs:read",
    perHour: OFFICE,
    calls: [
      { weight: 8, name: "search_organizations", args: { environment_id: "{env}", query: "glo" } },
      { weight: 5, name: "get_organization_details", args: { environment_id: "{env}", organization_id: "{org}" } },
      { weight: 4, name: "list_organization_users", args: { environment_id: "{env}", organization_id: "{org}" } },
      { weight: 2, name: "search_docs", args: { query: "rotate the secret of an agent" } },
      // It was never given the scope for this.
      { weight: 2, name: "create_organization", args: { environment_id: "{env}", name: "Northwind" } },
    ],
  },
  {
    name: "Billing sync",
    client: { name: "billing-sync", version: "4.0.1" },
    scopes: "env:read org:write",
    perHour: NIGHTLY,
    calls: [
      { weight: 8, name: "list_organizations", args: { environment_id: "{env}" } },
      { weight: 3, name: "get_organization_details", args: { environment_id: "{env}", organization_id: "{org}" } },
      {
        weight: 2,
        name: "create_organization_user",
        args: { environment_id: "{env}", organization_id: "{org}", email: "{email}", name: "Invoice contact" },
      },
      // What it gets wrong, again and again.
      { weight: 2, name: "list_organization_users", args: { environment_id: "{env}", organisation_id: "{org}" } },
      { weight: 1, name: "search_organizations", args: { environment_id: "{env}", query: 4711 } },
    ],
  },
  {
    name: "Monitoring probe",
    client: { name: "probe", version: "0.3.0" },
    scopes: "env:read",
    perHour: STEADY,
    calls: [
      { weight: 5, name: "list_environments" },
      { weight: 3, name: "get_environment_details", args: { environment_id: "{env}" } },
      { weight: 1, name: "list_environment_roles", args: { environment_id: "{env}" } },
    ],
  },
  {
    name: "Onboarding assistant",
    client: { name: "Cursor", version: "2.1.0" },
    scopes: "wks:read env:write org:write docs:read",
    perHour: BURST,
    calls: [
      { weight: 3, name: "create_organization", args: { environment_id: "{env}", name: "{customer}" } },
      {
        weight: 4,
        name: "create_organization_user",
        args: { environment_id: "{env}", organization_id: "{org}", email: "{email}", name: "Ines Duarte" },
      },
      { weight: 2, name: "list_environment_roles", args: { environment_id: "{env}" } },
      {
        weight: 1,
        name: "create_organization_user",
        args: { environment_id: "{env}", organization_id: "{org}", email: "not an address", name: "Omar Haddad" },
      },
      { weight: 1, name: "remove_workspace_member", args: { member_id: "mem_unknown" } },
    ],
  },
  {
    name: "Quarterly report",
    client: { name: "langchain-mcp", version: "1.1.4" },
    scopes: "wks:read org:read audit:read usage:read",
    perHour: RARE,
    calls: [
      { weight: 3, name: "get_usage", args: { by: "tool" } },
      { weight: 2, name: "search_audit", args: { query: "outcome:refused" } },
      { weight: 1, name: "list_failures" },
      { weight: 1, name: "get_invoices", args: {} },
    ],
  },
];

export interface Ids {
  readonly environmentId: string;
  readonly organizationIds: readonly string[];
}

/** The n-th call of a caller, as it goes over the wire. The same n gives the same call. */
export function nthCall(caller: Caller, n: number, { environmentId, organizationIds }: Ids): Rpc {
  const turns = caller.calls.flatMap((sample) => Array.from({ length: sample.weight }, () => sample));
  // A step that has no divisor in common with small numbers of turns goes through all of them.
  const sample = turns[(n * 7919) % turns.length];
  const values: Readonly<Record<string, string>> = {
    "{env}": environmentId,
    "{org}": organizationIds[n % organizationIds.length] ?? "",
    "{email}": `${caller.client.name.toLowerCase()}-${n}@customer.example`,
    "{customer}": `Customer ${n}`,
  };
  const args = Object.entries(sample?.args ?? {}).map(([key, value]) => [
    key,
    typeof value === "string" ? (values[value] ?? value) : value,
  ]);
  return {
    method: "tools/call",
    params: { name: sample?.name ?? "whoami", arguments: Object.fromEntries(args) },
    meta: { "io.modelcontextprotocol/clientInfo": caller.client },
  };
}
