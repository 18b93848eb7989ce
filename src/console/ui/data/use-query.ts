import { useCallback, useEffect, useState } from "preact/hooks";
import { ApiError, getJson } from "./api.ts";

export interface Query<T> {
  readonly data: T | undefined;
  readonly error: ApiError | undefined;
  readonly isLoading: boolean;
  readonly reload: () => void;
}

interface State {
  readonly path: string | null;
  readonly data?: unknown;
  readonly error?: ApiError | undefined;
}

/** What was last read, by path: a screen that is gone back to is there at once, and is then read again. */
const seen = new Map<string, unknown>();
const listeners = new Set<(prefix: string) => void>();
const MOST_SEEN = 100;

/** After a change: what is shown of these paths is read again, and what was kept of them is forgotten. */
export function invalidate(...prefixes: readonly string[]): void {
  for (const prefix of prefixes) {
    for (const path of seen.keys()) if (path.startsWith(prefix)) seen.delete(path);
    for (const listener of listeners) listener(prefix);
  }
}

/** Reads a path of the API and again every `everyMs`; `null` reads nothing. The old data stay until the new are there. */
export function useQuery<T>(path: string | null, { everyMs }: { readonly everyMs?: number } = {}): Query<T> {
  const [state, setState] = useState<State>({ path, data: path === null ? undefined : seen.get(path) });
  const [turn, setTurn] = useState(0);
  const reload = useCallback(() => setTurn((now) => now + 1), []);

  useEffect(() => {
    if (path === null) return undefined;
    const abort = new AbortController();
    if (seen.has(path)) setState({ path, data: seen.get(path) });
    getJson<T>(path, abort.signal).then(
      (data) => {
        seen.delete(path);
        seen.set(path, data);
        const [oldest] = seen.keys();
        if (seen.size > MOST_SEEN && oldest !== undefined) seen.delete(oldest);
        setState({ path, data });
      },
      (reason: unknown) => {
        if (!abort.signal.aborted) setState((now) => ({ path, data: now.path === path ? now.data : undefined, error: asApiError(reason) }));
      },
    );
    return () => abort.abort();
  }, [path, turn]);

  useEffect(() => {
    if (path === null) return undefined;
    const listener = (prefix: string): void => {
      if (path.startsWith(prefix)) reload();
    };
    listeners.add(listener);
    const timer = everyMs === undefined ? undefined : setInterval(() => document.visibilityState === "visible" && reload(), everyMs);
    return () => {
      listeners.delete(listener);
      clearInterval(timer);
    };
  }, [path, everyMs]);

  const isMine = state.path === path;
  const data = isMine ? (state.data as T | undefined) : undefined;
  const error = isMine ? state.error : undefined;
  return { data, error, isLoading: path !== null && data === undefined && error === undefined, reload };
}

export function asApiError(reason: unknown): ApiError {
  return reason instanceof ApiError ? reason : new ApiError(0, { code: "broken", message: String(reason) });
}
