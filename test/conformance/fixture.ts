/** What the official conformance suite expects a server to offer, declared on the public surface like anybody's server. */
import type { ServerOptions } from "../../src/index.ts";
import { tools as askingTools } from "./asking-tools.ts";
import { tools as contentTools } from "./content-tools.ts";
import { scopes } from "./declare.ts";
import { prompts, resources } from "./offerings.ts";
import { skills } from "./skills.ts";
import { tools as taskTools } from "./task-tools.ts";

export const fixture: Omit<ServerOptions, "config"> = {
  name: "remit-conformance-fixture",
  title: "Conformance fixture",
  scopes,
  tools: [...contentTools, ...askingTools, ...taskTools],
  prompts,
  resources,
  skills,
};

/** Everything that the fixture can be asked for. */
export const FIXTURE_SCOPE = Object.keys(scopes).join(" ");
