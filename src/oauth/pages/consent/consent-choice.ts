import type { PageChoice, PageWorkspace } from "../page-deps.ts";

/** How long a grant may last. Seconds; null for until it is revoked. */
export const LIVES: readonly { readonly value: string; readonly label: string; readonly seconds: number | null }[] = [
  { value: "hour", label: "1 hour", seconds: 3600 },
  { value: "day", label: "1 day", seconds: 86_400 },
  { value: "month", label: "30 days", seconds: 30 * 86_400 },
  { value: "revoked", label: "Until I revoke it", seconds: null },
];

const DEFAULT_LIFE = "month";

/** What is ticked on the page: what was suggested, or what a form said that could not be taken. */
export interface Ticks {
  readonly scopes: ReadonlySet<string>;
  readonly isLimited: boolean;
  readonly environments: ReadonlySet<string>;
  readonly isReadOnly: boolean;
  readonly life: string;
}

export function suggestTicks({ scopes, limitedTo }: PageWorkspace): Ticks {
  const ticked = scopes.filter(({ isTicked, state }) => isTicked && state !== "beyond_role");
  return {
    scopes: new Set(ticked.map(({ name }) => name)),
    isLimited: limitedTo !== null,
    environments: new Set(limitedTo),
    isReadOnly: false,
    life: DEFAULT_LIFE,
  };
}

export function parseTicks(form: URLSearchParams): Ticks {
  return {
    scopes: new Set(form.getAll("scope")),
    isLimited: form.get("environments") === "some",
    environments: new Set(form.getAll("environment")),
    isReadOnly: form.get("read_only") === "on",
    life: form.get("life") ?? "",
  };
}

/** The choice that a form makes, or what is missing in it. Only what the page of this workspace offered counts. */
export function parseChoice(form: URLSearchParams, workspaces: readonly PageWorkspace[]): PageChoice | { readonly problem: string } {
  const workspace = workspaces.find(({ id }) => id === form.get("workspace"));
  if (workspace === undefined) return { problem: "Choose one of your workspaces." };
  const ticks = parseTicks(form);
  const life = LIVES.find(({ value }) => value === ticks.life);
  if (life === undefined) return { problem: "Choose how long this lasts." };
  const offered = workspace.scopes.filter(({ name, state }) => state !== "beyond_role" && ticks.scopes.has(name));
  if (offered.length === 0) return { problem: "Choose at least one permission, or refuse." };
  if (ticks.isReadOnly && offered.every(({ access }) => access === "write"))
    return { problem: "Everything you chose makes changes. Turn “Read only” off, choose a permission that only looks, or refuse." };
  const environments = workspace.environments.filter(({ id }) => ticks.environments.has(id)).map(({ id }) => id);
  if (ticks.isLimited && environments.length === 0) return { problem: "Choose at least one environment, or all of them." };
  return {
    workspaceId: workspace.id,
    scopes: offered.map(({ name }) => name),
    environments: ticks.isLimited ? environments : null,
    isReadOnly: ticks.isReadOnly,
    lifeSeconds: life.seconds,
  };
}
