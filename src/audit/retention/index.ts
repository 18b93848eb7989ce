/** How long records keep their text, and what stays of them after that. */
export { isPruned, leafOf } from "./pruned-record.ts";
export { readRetentions, retentionOf, type RetentionRecord } from "./retention-records.ts";
export { openRetention, type Retention } from "./open-retention.ts";
