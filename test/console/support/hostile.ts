/** Texts that would do something in a page that took them for markup, a URL, a style or a template (T74). */
export const HOSTILE = [
  `<img src=x onerror="globalThis.pwned=1">`,
  `<svg/onload=globalThis.pwned=1>`,
  `"><script>globalThis.pwned=1</script>`,
  `' autofocus onfocus='globalThis.pwned=1`,
  `javascript:globalThis.pwned=1`,
  `</style><style>*{display:none}</style>`,
  `</title><iframe srcdoc="<script>parent.pwned=1</script>">`,
  "${globalThis.pwned=1}{{constructor.constructor('globalThis.pwned=1')()}}",
  `<a href="//evil.example/x">sign in again</a>`,
  `<base href="//evil.example/">`,
] as const;

/** One of them for each place; the places of a day are filled in turn. */
export function hostile(place: number): string {
  return HOSTILE[place % HOSTILE.length] ?? HOSTILE[0];
}
