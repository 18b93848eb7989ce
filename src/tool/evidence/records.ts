export interface RecordsQuery {
  /** Such as `tool:list_users outcome:refused since:2h`. */
  readonly search: string;
  readonly limit: number;
  /** Only records older than the one with this sequence number. */
  readonly beforeSeq?: number | undefined;
}

export interface RecordsFound {
  /** As they were written, with `seq`. */
  readonly records: readonly (Readonly<Record<string, unknown>> & { readonly seq: number })[];
  /** Give it as `beforeSeq` to go on; undefined when everything was looked at. */
  readonly nextBeforeSeq: number | undefined;
}
