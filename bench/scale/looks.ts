import { idOf, organizationNames, userNames, type Size } from "./seed.ts";

/** One way to use a tool that looks; the nth call has the nth arguments. */
export interface Look {
  readonly tool: string;
  /** What is special about it. */
  readonly note: string;
  readonly arguments: (nth: number) => Readonly<Record<string, unknown>>;
}

export interface Things extends Size {
  readonly environmentId: string;
  readonly templateId: string;
  /** Made from the template. */
  readonly organizationId: string;
  /** Cursors of pages far from the first. */
  readonly cursors: readonly string[];
}

/** A walk over the rows that does not follow their order. */
function spread(nth: number, of: number): number {
  return (nth * 7_919) % of;
}

/** Every tool of the control plane that lists, searches or gets. */
export function looks({
  environmentId: environment_id,
  templateId: template_id,
  organizationId,
  cursors,
  ...size
}: Things): readonly Look[] {
  const organization = (nth: number) => ({ environment_id, organization_id: idOf("org", spread(nth, size.organizations)) });
  const look = (tool: string, note: string, of: Look["arguments"]): Look => ({ tool, note, arguments: of });
  const inEnvironment = (tool: string, note = "") => look(tool, note, () => ({ environment_id }));
  const search = (tool: string, note: string, query: (nth: number) => string) =>
    look(tool, note, (nth) => ({ environment_id, query: query(nth) }));
  const organizationAt = (nth: number) => organizationNames(spread(nth, size.organizations));
  const userAt = (nth: number) => userNames(spread(nth, size.users));
  return [
    ...["whoami", "list_scopes", "list_workspace_members", "list_environments"].map((tool) => look(tool, "", () => ({}))),
    look("explain_access", "", () => ({ tool: "delete_organization" })),
    look("search_docs", "", () => ({ query: "approval" })),
    ...["get_environment_details", "get_environment_credentials", "list_environment_roles", "list_environment_scopes"].map((tool) =>
      inEnvironment(tool),
    ),
    ...["list_redirect_uris", "list_environment_connections", "list_connected_accounts", "list_mcp_servers"].map((tool) =>
      inEnvironment(tool),
    ),
    look("list_organization_connections", "", organization),
    inEnvironment("list_organization_templates"),
    look("get_organization_template", "", () => ({ environment_id, template_id })),
    look("preview_organization_from_template", "", () => ({ environment_id, template_id })),
    look("get_template_drift", "", () => ({ environment_id, organization_id: organizationId })),
    inEnvironment("list_organizations", "first page"),
    look("list_organizations", "page of 100", () => ({ environment_id, page_size: 100 })),
    look("list_organizations", "a later page", (nth) => ({ environment_id, page_size: 100, cursor: cursors[nth % cursors.length] })),
    look("get_organization_details", "", organization),
    look("list_organization_users", "", organization),
    search("search_organizations", "one letter", (nth) => String.fromCodePoint(97 + (nth % 20))),
    search("search_organizations", "whole name", (nth) => organizationAt(nth).name),
    search("search_organizations", "external id", (nth) => organizationAt(nth).externalId),
    search("search_users", "one letter", (nth) => String.fromCodePoint(97 + (nth % 26))),
    search("search_users", "name", (nth) => userAt(nth).name),
    search("search_users", "email", (nth) => userAt(nth).email),
    search("search_users", "nothing fits", (nth) => `zzyzx${nth}`),
    search("search_users", "two common words, nobody", () => "ada abel"),
  ];
}
