/** Remit's public surface: what the author of a server imports. */
export { createServer, type Operator, type Server, type ServerOptions } from "./server/index.ts";
export { openAudit, type Audit, type AuditRecord } from "./audit/index.ts";
export { parseConfig, type Config } from "./config.ts";
export { BootError } from "./errors.ts";
export { defineTables, isUniqueViolation, type MigrationContext, type TablesModule, type ToolTables } from "./store/index.ts";
export {
  content,
  defineApp,
  definePrompt,
  defineResource,
  defineScopes,
  defineSkill,
  defineTool,
  inputRequired,
  toolError,
  undoable,
  type AppDeclaration,
  type CallContext,
  type Caller,
  type ContentBlock,
  type Effect,
  type Plan,
  type PlannedChange,
  type PromptDeclaration,
  type ResourceDeclaration,
  type ScopeDeclaration,
  type SkillDeclaration,
  type Tool,
  type ToolContext,
  type ToolDeclaration,
  type ToolStep,
} from "./tool/index.ts";
