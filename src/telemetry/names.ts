/** Every name that telemetry uses, once, with where it comes from. Those of MCP are in development: they change here and nowhere else. */

// https://github.com/open-telemetry/semantic-conventions-genai (MCP, v0.1.0)
export const MCP_METHOD_NAME = "mcp.method.name";
export const MCP_PROTOCOL_VERSION = "mcp.protocol.version";
export const MCP_SERVER_OPERATION_DURATION = "mcp.server.operation.duration";
// https://github.com/open-telemetry/semantic-conventions-genai (GenAI)
export const GEN_AI_TOOL_NAME = "gen_ai.tool.name";
export const GEN_AI_PROMPT_NAME = "gen_ai.prompt.name";
export const GEN_AI_OPERATION_NAME = "gen_ai.operation.name";
export const EXECUTE_TOOL = "execute_tool";
// https://opentelemetry.io/docs/specs/semconv/attributes-registry/error/
export const ERROR_TYPE = "error.type";
// https://opentelemetry.io/docs/specs/semconv/http/http-metrics/
export const HTTP_SERVER_REQUEST_DURATION = "http.server.request.duration";
export const HTTP_REQUEST_METHOD = "http.request.method";
export const HTTP_ROUTE = "http.route";
export const HTTP_RESPONSE_STATUS_CODE = "http.response.status_code";
// https://opentelemetry.io/docs/specs/semconv/runtime/nodejs-metrics/
export const NODEJS_EVENTLOOP_DELAY_P99 = "nodejs.eventloop.delay.p99";
// https://opentelemetry.io/docs/specs/semconv/runtime/v8js-metrics/
export const V8JS_MEMORY_HEAP_USED = "v8js.memory.heap.used";
// https://opentelemetry.io/docs/specs/semconv/resource/
export const SERVICE_NAME = "service.name";
export const SERVICE_VERSION = "service.version";
export const SERVICE_INSTANCE_ID = "service.instance.id";

// Ours: what no convention knows.
export const AUTHZ_DECISIONS = "remit.authz.decisions";
export const AUTHZ_DECISION = "remit.authz.decision";
export const AUTHZ_RULE = "remit.authz.rule";
export const AUTHZ_REASON = "remit.authz.reason";
export const OAUTH_CLIENT_ID = "remit.oauth.client_id";
export const DECISION_ID = "remit.decision.id";
export const OAUTH_EVENTS = "remit.oauth.events";
export const OAUTH_EVENT = "remit.oauth.event";
export const AUDIT_RECORDS = "remit.audit.records";
export const TOOL_RESULT_SIZE = "remit.tool.result.size";
export const INFLIGHT = "remit.inflight";
