/** How long records keep their text, and what stays of them after that. */
export { readRetentions, retentionOf, type RetentionRecord } from "./retention-records.ts";
export { openRetention, type Retention } from "./open-retention.ts";
