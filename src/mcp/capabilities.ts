import { TASKS_EXTENSION } from "../call/index.ts";
import { APP_MIME_TYPE, type JsonSchema, type Registry } from "../tool/index.ts";
import type { Identity } from "./identity.ts";

/** `modern`: 2026-07-28, told in `server/discover`. `legacy`: the revisions before, told in `initialize`. */
export type Era = "modern" | "legacy";

/** Identifiers of extensions that are served (MCP 2026-07-28 `capabilities.extensions`). */
const CLIENT_CREDENTIALS = "io.modelcontextprotocol/oauth-client-credentials";
const SKILLS = "io.modelcontextprotocol/skills";
const APPS = "io.modelcontextprotocol/ui";

/** What the server can do for its clients, from what was declared. Lists can change and resources be watched in both eras. */
export function capabilitiesOf(registry: Registry, { hasLogging }: Identity, era: Era): JsonSchema {
  const hasResources = registry.resources.size + registry.templates.length > 0;
  const extensions = extensionsOf(registry, era);
  return {
    ...(registry.tools.size > 0 ? { tools: { listChanged: true } } : {}),
    ...(registry.prompts.size > 0 ? { prompts: { listChanged: true } } : {}),
    ...(hasResources ? { resources: { subscribe: true, listChanged: true } } : {}),
    ...(registry.prompts.size > 0 || hasResources ? { completions: {} } : {}),
    ...(hasLogging ? { logging: {} } : {}),
    ...(Object.keys(extensions).length > 0 ? { extensions } : {}),
  };
}

function extensionsOf(registry: Registry, era: Era): JsonSchema {
  return {
    ...(era === "modern" ? { [CLIENT_CREDENTIALS]: {} } : {}),
    // Its methods are those of 2026-07-28; older clients find the files of skills among the resources.
    ...(registry.skills.size > 0 ? { [SKILLS]: { directoryRead: true } } : {}),
    ...(registry.hasTasks && era === "modern" ? { [TASKS_EXTENSION]: {} } : {}),
    ...(registry.hasApps ? { [APPS]: { mimeTypes: [APP_MIME_TYPE] } } : {}),
  };
}
