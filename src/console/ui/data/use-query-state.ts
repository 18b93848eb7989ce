import { useLocation } from "preact-iso";
import { useCallback } from "preact/hooks";

/** A part of the screen's state that lives in the address: a link to the page is a link to what it shows. */
export function useQueryState(name: string): readonly [string, (value: string) => void] {
  const { query, route } = useLocation();
  const set = useCallback(
    (value: string) => {
      // From the address itself: two changes of one event must not undo each other.
      const next = new URLSearchParams(location.search);
      if (value === "") next.delete(name);
      else next.set(name, value);
      const text = next.toString();
      route(location.pathname + (text === "" ? "" : `?${text}`), true);
    },
    [name, route],
  );
  return [query[name] ?? "", set];
}
