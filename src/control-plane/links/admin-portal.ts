import * as z from "zod";
import type { Db } from "../access.ts";
import { featuresOf, writeFeatures } from "../organizations/index.ts";
import { displayName } from "../parameters.ts";
import { indexWords } from "../search/index.ts";
import type { LinkRow, OrganizationRow } from "../tables/index.ts";
import type { LinkAct } from "./acts.ts";
import { LinkProblem } from "./link-problem.ts";

const about = z.object({ organization_id: z.string() });
const name = displayName("Name of the organization.");
const FEATURE = "feature:";

/** Lets an administrator of the customer's change the organization's name and turn its features on and off. */
export const adminPortal: LinkAct = {
  async describe(db, link) {
    const row = await organizationOf(db, link);
    if (row === undefined) return undefined;
    const boxes = Object.entries(featuresOf(row)).map(([feature, isOn]) => {
      return { name: FEATURE + feature, label: feature, kind: "checkbox", value: String(isOn) } as const;
    });
    return {
      title: `Settings of ${row.name}`,
      text: "What you save here applies at once. This link can be used once.",
      fields: [{ name: "name", label: "Name", kind: "text", value: row.name }, ...boxes],
    };
  },
  async apply(trx, link, { form }) {
    const row = await organizationOf(trx, link);
    if (row === undefined) throw new LinkProblem("This organization does not exist any more.");
    const parsed = name.safeParse(form["name"] ?? "");
    if (!parsed.success) throw new LinkProblem("Say the name of the organization, in 1 to 100 characters.");
    const features = Object.fromEntries(Object.keys(featuresOf(row)).map((feature) => [feature, form[FEATURE + feature] === "true"]));
    const written = await writeFeatures(trx, row, features);
    if (written === undefined || !("version" in written))
      throw new LinkProblem("The settings were changed at this moment. Look at them again.");
    await trx.updateTable("organization").set({ name: parsed.data }).where("id", "=", row.id).execute();
    const { id: resource_id, workspace_id, environment_id, external_id } = row;
    await indexWords(trx, { workspace_id, environment_id, kind: "organization", resource_id }, [parsed.data, external_id]);
    return "The settings are saved.";
  },
};

async function organizationOf(db: Db, link: LinkRow): Promise<OrganizationRow | undefined> {
  const { organization_id } = about.parse(JSON.parse(link.data));
  return db
    .selectFrom("organization as o")
    .innerJoin("environment as e", "e.id", "o.environment_id")
    .selectAll("o")
    .where("o.workspace_id", "=", link.workspace_id)
    .where("o.id", "=", organization_id)
    .where("o.deleted_at", "is", null)
    .where("e.deleted_at", "is", null)
    .executeTakeFirst();
}
