export { NO_WORDS, searchListing, searchQuery } from "./search.ts";
export { findByWords, forgetWords, indexWords, rarestWord, searchedWords } from "./words.ts";
