export { ApiError, getJson, postJson, queryOf, readLines, stayIn } from "./api.ts";
export { SessionContext, useMay, useSession } from "./session.ts";
export { asApiError, invalidate, useQuery, type Query } from "./use-query.ts";
export { useQueryState } from "./use-query-state.ts";
export { useStream, type StreamState } from "./use-stream.ts";
