/** Times are shown in UTC, with the local time on hover; `at` is in milliseconds since 1970 or an ISO instant. */
export function Time({ at, short = false }: { readonly at: number | string; readonly short?: boolean }) {
  const when = new Date(at);
  const iso = when.toISOString();
  return (
    <time class="mono" dateTime={iso} title={when.toLocaleString()}>
      {short ? iso.slice(11, 19) : iso.slice(0, 19).replace("T", " ")}
    </time>
  );
}

const WHOLE = new Intl.NumberFormat("en");
/** 14906 → "14,906". */
export const count = (value: number): string => WHOLE.format(value);
/** A share of 1 → "4.3 %". */
export const percent = (share: number): string => `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;
/** 412 → "412 ms", 0.31 → "0.3 ms", 12500 → "12.5 s". */
export function duration(ms: number): string {
  if (ms >= 60_000) return `${(ms / 60_000).toFixed(1)} min`;
  if (ms >= 10_000) return `${(ms / 1_000).toFixed(1)} s`;
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

/** The address of the records behind a number. */
export const recordsOf = (search: string): string => `/console/ledger?q=${encodeURIComponent(search)}`;
