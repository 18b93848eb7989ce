/** What others rely on. A change here is a change for them: think before you change a literal. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { OPTIONS } from "../src/config.ts";
import { WIRE, type WireForm } from "../src/errors.ts";
import { commands } from "./support/commands.ts";
import { publicNames } from "./support/source-rules.ts";

test("the public surface is these names", () => {
  assert.deepEqual(publicNames(readFileSync("src/index.ts", "utf8")).sort(), [
    "AppDeclaration",
    "Audit",
    "AuditRecord",
    "BootError",
    "CallContext",
    "Caller",
    "Config",
    "ContentBlock",
    "Effect",
    "MigrationContext",
    "Operator",
    "Plan",
    "PlannedChange",
    "PromptDeclaration",
    "ResourceDeclaration",
    "ScopeDeclaration",
    "Server",
    "ServerOptions",
    "SkillDeclaration",
    "TablesModule",
    "Tool",
    "ToolContext",
    "ToolDeclaration",
    "ToolStep",
    "ToolTables",
    "content",
    "createServer",
    "defineApp",
    "definePrompt",
    "defineResource",
    "defineScopes",
    "defineSkill",
    "defineTables",
    "defineTool",
    "inputRequired",
    "isUniqueViolation",
    "openAudit",
    "parseConfig",
    "toolError",
    "undoable",
  ]);
});

test("each refusal has this status, JSON-RPC code and OAuth error", () => {
  const table = Object.fromEntries(
    Object.entries<WireForm>(WIRE).map(([reason, { status, rpc, oauth }]) => [
      reason,
      oauth === undefined ? [status, rpc] : [status, rpc, oauth],
    ]),
  );
  assert.deepEqual(table, {
    host_not_allowed: [403, -31403],
    origin_not_allowed: [403, -31403],
    not_found: [404, -31404],
    session_not_found: [404, -31404],
    missing_token: [401, -31401],
    invalid_token: [401, -31401, "invalid_token"],
    invalid_dpop_proof: [401, -31401, "invalid_dpop_proof"],
    token_in_wrong_place: [400, -31400, "invalid_request"],
    invalid_query: [400, -31400],
    insufficient_scope: [403, -31403, "insufficient_scope"],
    challenge_repeated: [200, -31403],
    policy_denied: [200, -31403],
    quota_exceeded: [429, -31429],
    rate_limited: [429, -31429],
    method_not_allowed: [405, -31405],
    not_acceptable: [406, -32600],
    unsupported_media_type: [415, -32600],
    body_too_large: [413, -32600],
    parse_error: [400, -32700],
    invalid_request: [400, -32600],
    invalid_params: [400, -32602],
    invalid_arguments: [200, -32602],
    not_known: [200, -32602],
    method_not_found: [404, -32601],
    header_mismatch: [400, -32020],
    missing_capability: [400, -32021],
    unsupported_version: [400, -32022],
    unavailable: [503, -31503],
    not_recorded: [503, -31503],
    stopping: [503, -31503],
    cancelled: [499, -31499],
    fault: [500, -32603],
  });
});

test("the environment has these options", () => {
  assert.deepEqual(Object.keys(OPTIONS).sort(), [
    "HOST",
    "PORT",
    "REMIT_ACCESS_TOKEN_TTL_SECONDS",
    "REMIT_ALLOWED_HOSTS",
    "REMIT_ALLOWED_ORIGINS",
    "REMIT_APPROVALS",
    "REMIT_DATA",
    "REMIT_DATABASE_URL",
    "REMIT_DRAIN_SECONDS",
    "REMIT_ENTERPRISE_ISSUER",
    "REMIT_ENTERPRISE_JWKS_URI",
    "REMIT_EXTERNAL_AUDIENCE",
    "REMIT_EXTERNAL_CLIENT_CLAIM",
    "REMIT_EXTERNAL_CLIENT_ID",
    "REMIT_EXTERNAL_CLIENT_SECRET",
    "REMIT_EXTERNAL_INTROSPECTION_URI",
    "REMIT_EXTERNAL_ISSUER",
    "REMIT_EXTERNAL_JWKS_URI",
    "REMIT_EXTERNAL_SCOPE_CLAIM",
    "REMIT_EXTERNAL_TOKEN_TYPE",
    "REMIT_FETCH_ALLOWED_HOSTS",
    "REMIT_FETCH_CA",
    "REMIT_KEY_ROTATION_DAYS",
    "REMIT_LOG_LEVEL",
    "REMIT_MAIL_FROM",
    "REMIT_MASTER_KEY",
    "REMIT_MAX_BODY_BYTES",
    "REMIT_MAX_REGISTERED_CLIENTS",
    "REMIT_NODE_ID",
    "REMIT_RATE_BURST",
    "REMIT_RATE_PER_SECOND",
    "REMIT_REFRESH_GRACE_SECONDS",
    "REMIT_REFRESH_IDLE_DAYS",
    "REMIT_REFRESH_MAX_DAYS",
    "REMIT_REGISTRATION",
    "REMIT_SELF_REGISTERED_SCOPES",
    "REMIT_SIGN_IN_CLIENT_ID",
    "REMIT_SIGN_IN_CLIENT_SECRET",
    "REMIT_SIGN_IN_ISSUER",
    "REMIT_SMTP_URL",
    "REMIT_SSE",
    "REMIT_STREAM_SECONDS",
    "REMIT_URL",
  ]);
});

test("the command line has these commands", () => {
  assert.deepEqual(
    commands().map(({ name }) => name),
    [
      "remit account create",
      "remit account disable",
      "remit account enable",
      "remit account link",
      "remit account list",
      "remit account password",
      "remit agent challenge",
      "remit agent create",
      "remit agent disable",
      "remit agent enable",
      "remit agent list",
      "remit audit prove",
      "remit audit search",
      "remit audit tail",
      "remit audit verify",
      "remit explain",
      "remit failures case",
      "remit failures list",
      "remit failures replay",
      "remit grant list",
      "remit grant revoke",
      "remit key rotate",
      "remit kill lift",
      "remit kill list",
      "remit kill now",
      "remit least-privilege",
      "remit policy list",
      "remit policy remove",
      "remit policy set",
      "remit simulate",
      "remit start",
      "remit stdio",
      "remit token issue",
      "remit token revoke",
      "remit upstream set",
    ],
  );
});

test("scripts of these names exist", () => {
  const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { readonly scripts: Readonly<Record<string, string>> };
  for (const name of ["start", "demo", "test", "test:clients", "test:browser", "conformance", "bench", "bench:tokens", "soak", "check"])
    assert.ok(Object.hasOwn(scripts, name), name);
});
