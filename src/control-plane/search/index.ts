export { NO_WORDS, searchListing, searchQuery } from "./search.ts";
export { findByWords, forgetWords, indexWords, searchedWords } from "./words.ts";
