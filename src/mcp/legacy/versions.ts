/** The revisions before 2026-07-28, the newest first. */
export const VERSIONS: readonly string[] = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05", "2024-10-07"];

/** What is proposed to a client that asks for a revision which is not served (MCP 2025-11-25 lifecycle, version negotiation). */
export const LATEST_VERSION = "2025-11-25";

/** The only revision in which one POST could carry several messages. */
export const BATCH_VERSION = "2025-03-26";
