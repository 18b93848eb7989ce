/** What a template gives to an organization, and what an organization has of it: both in one form, so that they can be compared. */
import type { PlannedChange } from "../../index.ts";
import type { Db } from "../access.ts";
import { featuresOf } from "../organizations/index.ts";
import { scopesOf } from "../roles/index.ts";
import type { OrganizationRow, RoleRow, ScopeRow } from "../tables/index.ts";

export interface ShapeRole {
  readonly name: string;
  readonly display_name: string;
  readonly scopes: readonly string[];
  readonly is_default: boolean;
}

export interface ShapeScope {
  readonly name: string;
  readonly description: string | null;
}

export interface Shape {
  readonly roles: readonly ShapeRole[];
  readonly scopes: readonly ShapeScope[];
  readonly features: Readonly<Record<string, boolean>>;
  readonly connection_ids: readonly string[];
}

export interface Difference {
  readonly part: "role" | "scope" | "feature" | "connection";
  readonly name: string;
  readonly change: PlannedChange["change"];
  readonly before?: Readonly<Record<string, unknown>>;
  readonly after?: Readonly<Record<string, unknown>>;
}

export const EMPTY: Shape = { roles: [], scopes: [], features: {}, connection_ids: [] };

export async function readShape(db: Db, organization: OrganizationRow): Promise<Shape> {
  const roles = await db
    .selectFrom("environment_role")
    .selectAll()
    .where("owner_id", "=", organization.id)
    .where("deleted_at", "is", null)
    .execute();
  const scopes = await db.selectFrom("environment_scope").selectAll().where("owner_id", "=", organization.id).execute();
  const connections = await db
    .selectFrom("organization_connection")
    .select("connection_id")
    .where("organization_id", "=", organization.id)
    .execute();
  return {
    roles: roles.map(shapeRole),
    scopes: scopes.map(shapeScope),
    features: featuresOf(organization),
    connection_ids: connections.map(({ connection_id }) => connection_id),
  };
}

export function shapeRole({ name, display_name, is_default, ...row }: RoleRow): ShapeRole {
  return { name, display_name, scopes: scopesOf(row), is_default: is_default === 1 };
}

function shapeScope({ name, description }: ScopeRow): ShapeScope {
  return { name, description };
}

/** What an organization is to be: as its template says, and with the features that the template says nothing about. */
export function intended(template: Shape, present: Shape): Shape {
  return { ...template, features: { ...present.features, ...template.features } };
}

/** What must change for the one to become the other, in the order of parts and names. */
export function differences(from: Shape, to: Shape): readonly Difference[] {
  const features = (shape: Shape) => Object.entries(shape.features).map(([name, enabled]) => ({ name, enabled }));
  const connections = (shape: Shape) => shape.connection_ids.map((name) => ({ name }));
  return [
    ...differing("role", from.roles, to.roles),
    ...differing("scope", from.scopes, to.scopes),
    ...differing("feature", features(from), features(to)),
    ...differing("connection", connections(from), connections(to)),
  ];
}

interface Named {
  readonly name: string;
}

function differing<V extends Named>(part: Difference["part"], from: readonly V[], to: readonly V[]): Difference[] {
  const before = new Map(from.map((each) => [each.name, each]));
  const after = new Map(to.map((each) => [each.name, each]));
  return [...new Set([...before.keys(), ...after.keys()])].toSorted().flatMap((name): Difference[] => {
    const [was, is] = [before.get(name), after.get(name)];
    if (was === undefined) return [{ part, name, change: "create", after: valuesOf(is) }];
    if (is === undefined) return [{ part, name, change: "delete", before: valuesOf(was) }];
    return JSON.stringify(was) === JSON.stringify(is) ? [] : [{ part, name, change: "update", before: valuesOf(was), after: valuesOf(is) }];
  });
}

/** All of it but its name, which stands beside. */
function valuesOf(named: Named | undefined): Readonly<Record<string, unknown>> {
  const { name: _, ...values } = named ?? { name: "" };
  return values;
}
