import { refuse, type Refusal } from "../../errors.ts";
import { didYouMean } from "../../lib/did-you-mean.ts";
import type { Registry } from "../../tool/index.ts";
import { isListed } from "../authorize.ts";
import type { Principal } from "../principal.ts";

/** The refusal of a name that no tool has. What it suggests is among the tools that the caller's list shows, so that it tells of no others. */
export function unknownTool({ tools }: Pick<Registry, "tools">, { authority }: Principal, name: unknown): Refusal {
  const listed = [...tools.values()].filter((tool) => isListed(authority, tool)).map((tool) => tool.name);
  const meant = typeof name === "string" ? didYouMean(name, listed) : undefined;
  const hint = meant === undefined ? "tools/list shows the tools you may call." : `Did you mean "${meant}"?`;
  return refuse("not_known", { message: `There is no tool of this name. ${hint}` });
}
