/** Names and descriptions as words. */

/** The words of a name in any style: `listUsers`, `list_users` and `list-users` are the same two. */
export function wordsOf(name: string): readonly string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean);
}

/** Without the endings that English adds; light, so that it never joins words of different meaning. */
export function stem(word: string): string {
  if (word.length <= 3) return word;
  const bare = word
    .replace(/(?:ies)$/, "y")
    .replace(/(?<=[sxz]|ch|sh)es$/, "")
    .replace(/(?<![su])s$/, "")
    .replace(/(?:ing|ed)$/, "");
  return bare.length < 3 ? word : bare.replace(/e$/, "");
}

const EMPTY = new Set(
  "a an the of in on at to for from by with and or as is are be it its this that these those your you tool tools all any which what who".split(
    " ",
  ),
);

/** The stemmed words of a text that mean something. */
export function meaningOf(text: string): readonly string[] {
  return wordsOf(text)
    .filter((word) => !EMPTY.has(word))
    .map(stem);
}

/** Letters and digits only: `environmentId` and `environment_id` are one. */
export function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, "");
}

/** Whether a text speaks of a name: as it is written, or as words that follow each other. */
export function mentions(text: string, name: string): boolean {
  const stems = wordsOf(name).map(stem).join(" ");
  return ` ${wordsOf(text).map(stem).join(" ")} `.includes(` ${stems} `);
}

/** Verbs that do the same. Two tools of different kinds of verb on one thing are no doubles. */
const VERBS: readonly (readonly [kind: string, words: string])[] = [
  ["one", "get fetch read retrieve show describe view load"],
  ["many", "list enumerate"],
  ["find", "search find query lookup"],
  ["count", "count summarize aggregate"],
  ["make", "create add new make register generate insert open"],
  ["change", "update edit modify change patch rename set put write replace"],
  ["remove", "delete remove destroy drop erase purge clear wipe unset unregister"],
  ["on", "enable activate start resume unlock unarchive resolve approve accept connect attach assign subscribe follow star pin publish"],
  [
    "off",
    "disable deactivate stop pause lock archive unresolve reject decline disconnect detach unassign unsubscribe unfollow unstar unpin unpublish",
  ],
  ["send", "send post invite notify reply share"],
  ["check", "check test validate verify preview explain compare"],
  ["end", "cancel revoke abort terminate kill close suspend"],
  ["again", "retry rerun restart reopen restore refresh reset sync merge move copy export import upload download"],
];
const KIND_OF = new Map(VERBS.flatMap(([kind, words]) => words.split(" ").map((word) => [word, kind] as const)));

/** What kind of verb a word is; undefined when it is none that is known. */
export function verbKind(word: string): string | undefined {
  return KIND_OF.get(word);
}

const MUTATING = new Set(["make", "change", "remove", "on", "off", "send", "end"]);
const NOT_ALWAYS = new Set(["open", "follow", "start", "new", "close", "lock", "star", "pin", "set", "post", "share"]);

/** Whether a name begins with a verb that changes something. `set` and the like only when a noun follows. */
export function isMutatingName(name: string): boolean {
  const [verb = "", ...rest] = wordsOf(name);
  return MUTATING.has(verbKind(verb) ?? "") && !(NOT_ALWAYS.has(verb) && rest.length === 0);
}

const LOSING = new Set("delete remove destroy drop erase purge wipe revoke terminate kill uninstall truncate".split(" "));

/** Whether a name begins with a verb after which something is gone. */
export function isLosingName(name: string): boolean {
  return LOSING.has(wordsOf(name)[0] ?? "");
}

/** Edits between two texts, or more than `limit` as soon as that is certain. */
export function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swapped = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, swapped));
    }
    if (Math.min(...next) > limit) return limit + 1;
    row = next;
  }
  return row[b.length] ?? limit + 1;
}
