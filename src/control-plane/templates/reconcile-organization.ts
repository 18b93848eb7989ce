import * as z from "zod";
import { defineTool, toolError, undoable } from "../../index.ts";
import { NO_SUCH_ORGANIZATION, requireOrganization, type Context, type Refused } from "../access.ts";
import { environmentId, organizationId } from "../parameters.ts";
import { planOf, UNDO_WINDOW_SECONDS } from "../plans.ts";
import { SAMPLE } from "../samples.ts";
import { controlPlaneTables, type OrganizationRow, type TemplateRow } from "../tables/index.ts";
import { differenceList, shownDifferences } from "./difference-list.ts";
import { differences, intended, readShape, type Difference, type Shape } from "./shape.ts";
import { findTemplate, refuseShape, shapeOf } from "./template.ts";
import { writeShape } from "./write-shape.ts";

const NO_TEMPLATE = toolError(
  "This organization was not made from a template, or that template was deleted, so there is nothing to compare it with.",
);
const NO_DRIFT = toolError("The organization is as its template says, so there is nothing to change.");
const CHANGED = toolError("The organization was changed at this moment, so nothing was written. Look at it again before you decide.");

const CHANGED_SINCE = toolError("The organization was changed since, and undoing would lose that. Change it by hand instead.");

/** What it takes to undo. */
interface Reconciled {
  readonly ids: Ids;
  readonly shape: Shape;
  readonly template_version: number | null;
  /** Of the organization, once it was reconciled. */
  readonly version: number;
}

interface Ids {
  readonly environment_id: string;
  readonly organization_id: string;
}

interface Drift {
  readonly organization: OrganizationRow;
  readonly template: TemplateRow;
  readonly present: Shape;
  readonly target: Shape;
  readonly drift: readonly Difference[];
}

async function driftOf(context: Context, ids: Ids): Promise<Drift | Refused> {
  const organization = await requireOrganization(context, ids);
  if (!("id" in organization)) return organization;
  const template =
    organization.template_id === null ? undefined : await findTemplate(context.db, ids.environment_id, organization.template_id);
  if (template === undefined) return NO_TEMPLATE;
  const present = await readShape(context.db, organization);
  const target = intended(shapeOf(template), present);
  return { organization, template, present, target, drift: differences(present, target) };
}

export const getTemplateDrift = defineTool({
  name: "get_template_drift",
  title: "Get template drift",
  description: "Tells what differs in an organization from what its template says now.",
  scopes: ["org:read"],
  effect: "read",
  tables: controlPlaneTables,
  input: z.object({ environment_id: environmentId, organization_id: organizationId }),
  output: z.object({ template_id: z.string(), drift: differenceList }),
  examples: [
    {
      title: "A feature was turned off",
      input: { environment_id: SAMPLE.environmentId, organization_id: SAMPLE.organizationId },
      output: {
        template_id: SAMPLE.templateId,
        drift: [{ part: "feature", name: "sso", change: "update", before: { enabled: false }, after: { enabled: true } }],
      },
    },
  ],
  async run(ids, context) {
    const found = await driftOf(context, ids);
    return "drift" in found ? { template_id: found.template.id, drift: shownDifferences(found.drift) } : found;
  },
});

export const reconcileOrganization = defineTool({
  name: "reconcile_organization",
  title: "Reconcile organization",
  description: "Makes an organization as its template says now; get_template_drift shows what that changes. Can be undone for a day.",
  scopes: ["org:write"],
  effect: "destructive",
  tables: controlPlaneTables,
  input: z.object({ environment_id: environmentId, organization_id: organizationId }),
  examples: [
    {
      title: "Reconcile one",
      input: { environment_id: SAMPLE.environmentId, organization_id: SAMPLE.organizationId },
    },
  ],
  async plan(ids, context) {
    const found = await driftOf(context, ids);
    if (!("drift" in found)) return found;
    if (found.drift.length === 0) return NO_DRIFT;
    const { organization, template, drift } = found;
    const changes = drift.map(({ part, name, change, before, after }) => {
      return {
        change,
        resource: `${part} ${name}`,
        ...(before === undefined ? {} : { before }),
        ...(after === undefined ? {} : { after }),
      };
    });
    return planOf(`Changes ${drift.length} things of ${organization.name} to what the template ${template.name} says.`, changes, {
      losesAccess: await usersWithout(context, found),
      versions: { [organization.id]: organization.version, [template.id]: template.version },
    });
  },
  async run(ids, context) {
    const found = await driftOf(context, ids);
    if (!("drift" in found)) return found;
    const { organization, template, present, target, drift } = found;
    if (drift.length === 0) return NO_DRIFT;
    const unfit = await refuseShape(context.db, organization.environment_id, target);
    if (unfit !== undefined) return unfit;
    const isWritten = await context.db
      .transaction()
      .execute((trx) => writeShape(trx, context, { organization, shape: target, template_version: template.version }));
    if (!isWritten) return CHANGED;
    const data = { ids, shape: present, template_version: organization.template_version, version: organization.version + 1 };
    return undoable(`${drift.length} things of the organization ${organization.id} are as its template says.`, data);
  },
  undo: {
    windowSeconds: UNDO_WINDOW_SECONDS,
    async run(data, context) {
      const { ids, shape, template_version, version } = data as Reconciled;
      const organization = await requireOrganization(context, ids);
      if (!("id" in organization)) return NO_SUCH_ORGANIZATION;
      if (organization.version !== version) return CHANGED_SINCE;
      const isWritten = await context.db
        .transaction()
        .execute((trx) => writeShape(trx, context, { organization, shape, template_version }));
      return isWritten ? `${organization.name} is as it was before.` : CHANGED;
    },
  },
});

/** Who has a role that goes. */
async function usersWithout({ db }: Context, { organization, drift }: Drift): Promise<readonly string[]> {
  const gone = drift.filter(({ part, change }) => part === "role" && change === "delete").map(({ name }) => name);
  if (gone.length === 0) return [];
  const rows = await db
    .selectFrom("organization_user as u")
    .innerJoin("environment_role as r", "r.id", "u.role_id")
    .select("u.email")
    .where("u.organization_id", "=", organization.id)
    .where("r.owner_id", "=", organization.id)
    .where("r.name", "in", gone)
    .orderBy("u.id")
    .limit(100)
    .execute();
  return rows.map(({ email }) => email);
}
