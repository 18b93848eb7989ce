/** The address of the records behind a number. */
export const recordsOf = (search: string): string => `/console/ledger?q=${encodeURIComponent(search)}`;
