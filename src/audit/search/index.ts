/** Search of the ledger by what its records say. */
export { parseSearch } from "./parse-search.ts";
export { isMatch, recordIn, searchLedger, type FoundRecord, type SearchPage } from "./search-ledger.ts";
export { takeTurn } from "./take-turn.ts";
