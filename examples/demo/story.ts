/**
 * What an operations team would let an agent do: set five customers up from a template, delete the wrong one, be held until a person has
 * looked at the plan, and take it back.
 */
import type { Client } from "@modelcontextprotocol/client";
import * as z from "zod";

export interface StoryOptions {
  readonly client: Client;
  readonly environmentId: string;
  /** Tells one run from another in the names of what it makes. */
  readonly run: string;
  readonly step: (text: string) => void;
  readonly say: (text: string) => void;
  /** Hears once where a person decides. */
  readonly onHeld: (url: string) => void;
  /** How long the person may take. */
  readonly patienceMs: number;
  /** Between two looks whether the person has decided. */
  readonly pollMs: number;
}

export interface StoryEnd {
  readonly templateId: string;
  readonly organizationIds: readonly string[];
  /** The one that was deleted and is back; undefined when nobody approved in time. */
  readonly restoredId: string | undefined;
}

type Args = Readonly<Record<string, unknown>>;
type Result = Awaited<ReturnType<Client["callTool"]>>;

const CUSTOMERS = ["Juniper", "Larch", "Maple", "Rowan", "Willow"];
/** Which of them is deleted by mistake. */
const WRONG = 2;

const template = z.object({ template_id: z.string() });
const organization = z.object({ organization_id: z.string() });
const users = z.object({ users: z.array(z.object({ email: z.string(), role: z.string().nullable() })) });
const preview = z.object({ creates: z.array(z.looseObject({ part: z.string(), name: z.string() })) });
const approval = z.object({ "dev.remit/approval": z.object({ id: z.string(), url: z.url() }) });
const undo = z.object({ "dev.remit/undo": z.object({ change_id: z.string(), until: z.string() }) });

export async function runStory(options: StoryOptions): Promise<StoryEnd> {
  const { step, say } = options;
  const templateId = await createTemplate(options);
  const organizationIds = await createCustomers(options, templateId);
  const wrongId = organizationIds[WRONG] ?? "";
  step(`It deletes ${CUSTOMERS[WRONG]}, which is a mistake. The call is held, with the plan of what it would do:`);
  const deleted = await deleteOnceApproved(options, wrongId);
  if (deleted === undefined) {
    say("Nobody approved it, so nothing was deleted.");
    return { templateId, organizationIds, restoredId: undefined };
  }
  say(textOf(deleted));
  const gone = await options.client.callTool(call(options, "get_organization_details", { organization_id: wrongId }));
  say(textOf(gone));

  step("That was the wrong one. It takes the change back, by the id that the answer named:");
  const { "dev.remit/undo": change } = undo.parse(deleted._meta);
  say(textOf(await done(options, "undo_change", { change_id: change.change_id })));
  const back = await list(options, wrongId);
  say(`Its users are back too: ${back.map(({ email, role }) => `${email} (${role ?? "no role"})`).join(", ")}`);
  return { templateId, organizationIds, restoredId: wrongId };
}

async function createTemplate(options: StoryOptions): Promise<string> {
  const { step, say, run } = options;
  step(
    "It defines once what a customer gets; its client fetches a token with the scope that this needs by itself. An organization would have:",
  );
  const { template_id } = template.parse(
    (
      await done(options, "create_organization_template", {
        name: `Standard ${run}`,
        scopes: [{ name: "invoice:read" }, { name: "invoice:write" }],
        roles: [
          { name: "admin", display_name: "Admin", scopes: ["invoice:read", "invoice:write"] },
          { name: "reader", display_name: "Reader", scopes: ["invoice:read"], is_default: true },
        ],
        features: ["sso", "audit_export"],
      })
    ).structuredContent,
  );
  const { creates } = preview.parse((await done(options, "preview_organization_from_template", { template_id })).structuredContent);
  say(creates.map(({ part, name }) => `${part} ${name}`).join(", "));
  return template_id;
}

async function createCustomers(options: StoryOptions, template_id: string): Promise<readonly string[]> {
  const { step, say, run } = options;
  step(`It makes ${CUSTOMERS.length} organizations from it and invites two users to each:`);
  const ids: string[] = [];
  for (const name of CUSTOMERS) {
    const made = await done(options, "create_organization_from_template", { template_id, name: `${name} ${run}` });
    const { organization_id } = organization.parse(made.structuredContent);
    const host = `${name.toLowerCase()}.example`;
    await done(options, "create_organization_user", { organization_id, email: `ines@${host}`, name: "Ines Duarte", role: "admin" });
    await done(options, "create_organization_user", { organization_id, email: `omar@${host}`, name: "Omar Haddad" });
    ids.push(organization_id);
    say(
      `${organization_id} ${name} ${run}: ${(await list(options, organization_id)).map(({ email, role }) => `${email} (${role})`).join(", ")}`,
    );
  }
  return ids;
}

async function list(options: StoryOptions, organization_id: string) {
  return users.parse((await done(options, "list_organization_users", { organization_id })).structuredContent).users;
}

/** Makes the same call again until a person has approved it; undefined when nobody did in time. */
async function deleteOnceApproved(options: StoryOptions, organization_id: string): Promise<Result | undefined> {
  const { client, say, onHeld, patienceMs, pollMs } = options;
  const request = call(options, "delete_organization", { organization_id });
  const end = performance.now() + patienceMs;
  let isTold = false;
  for (;;) {
    const answer = await client.callTool(request);
    if (answer.isError !== true) return answer;
    const held = approval.safeParse(answer._meta);
    // Refused by the person, or something else is wrong.
    if (!held.success) {
      say(textOf(answer));
      return undefined;
    }
    if (!isTold) {
      say(textOf(answer));
      onHeld(held.data["dev.remit/approval"].url);
      isTold = true;
    }
    if (performance.now() + pollMs > end) return undefined;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

/** The result of a call that must succeed. */
async function done(options: StoryOptions, name: string, args: Args): Promise<Result> {
  const result = await options.client.callTool(call(options, name, args));
  if (result.isError === true) throw new Error(`${name}: ${textOf(result)}`);
  return result;
}

function call({ environmentId }: StoryOptions, name: string, args: Args) {
  return { name, arguments: name === "undo_change" ? args : { environment_id: environmentId, ...args } };
}

function textOf({ content }: Result): string {
  return content.flatMap((block) => (block.type === "text" ? [block.text] : [])).join("\n");
}
