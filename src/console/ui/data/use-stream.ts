import { useEffect, useRef, useState } from "preact/hooks";
import { readLines, type ApiError } from "./api.ts";
import { asApiError } from "./use-query.ts";

export type StreamState = "connecting" | "live" | "lost";

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 15_000;

/** Follows a live stream of the API and comes back when it breaks; `null` follows nothing. */
export function useStream<T>(
  path: string | null,
  onLine: (line: T) => void,
): { readonly state: StreamState; readonly error: ApiError | undefined } {
  const [state, setState] = useState<StreamState>("connecting");
  const [error, setError] = useState<ApiError>();
  const handler = useRef(onLine);
  handler.current = onLine;

  useEffect(() => {
    if (path === null) return undefined;
    const abort = new AbortController();
    let waitMs = FIRST_WAIT_MS;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const follow = async (): Promise<void> => {
      try {
        const onOpen = (): void => {
          waitMs = FIRST_WAIT_MS;
          setState("live");
          setError(undefined);
        };
        for await (const line of readLines<T>(path, { signal: abort.signal, onOpen })) handler.current(line);
      } catch (reason) {
        if (abort.signal.aborted) return;
        setError(asApiError(reason));
        if (asApiError(reason).status >= 400 && asApiError(reason).status < 500) return setState("lost");
      }
      if (abort.signal.aborted) return;
      setState("lost");
      timer = setTimeout(() => void follow(), waitMs);
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
    };
    setState("connecting");
    void follow();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [path]);
  return { state, error };
}
