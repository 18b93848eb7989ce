/** Search of the ledger by what its records say. */
export { parseSearch, SEARCH_FIELDS, type Search } from "./parse-search.ts";
export { searchLedger, type Found, type FoundRecord, type SearchPage } from "./search-ledger.ts";
