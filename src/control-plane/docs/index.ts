import { searchDocs } from "./search-docs.ts";

export const docTools = [searchDocs];
