import type { FailureCluster, UsageFound } from "../../../../tool/index.ts";

export type Usage = UsageFound;

export interface FailuresAnswer {
  readonly failures: readonly FailureCluster[];
}

/** The address of the records behind a number. */
export const recordsOf = (search: string): string => `/console/ledger?q=${encodeURIComponent(search)}`;
