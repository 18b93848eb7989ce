import { useEffect, useRef, useState } from "preact/hooks";
import { asApiError, invalidate, postJson, readLines, type ApiError } from "../../data/index.ts";
import type { CallLine, CallOrder, Explained } from "../../../contract.ts";

interface CallPlan extends Omit<CallOrder, "scopes"> {
  /** "" is all that the identity has. */
  readonly scope: string;
}

export interface RunningCall {
  readonly isRunning: boolean;
  readonly lines: readonly CallLine[];
  readonly explained: Explained | undefined;
  readonly error: ApiError | undefined;
  readonly run: () => void;
  readonly explain: () => void;
  /** Ends a call in flight, as an agent that goes away does. */
  readonly stop: () => void;
}

interface State {
  readonly isRunning: boolean;
  readonly lines: readonly CallLine[];
  readonly explained?: Explained | undefined;
  readonly error?: ApiError;
}

/** Calls through the real pipeline, or asks what would be decided; the last answer stays until the next. */
export function useCall(order: CallPlan): RunningCall {
  const [state, setState] = useState<State>({ isRunning: false, lines: [] });
  const abort = useRef<AbortController>(undefined);
  useEffect(() => () => abort.current?.abort(), []);

  const begin = (): AbortSignal => {
    abort.current?.abort();
    abort.current = new AbortController();
    setState({ isRunning: true, lines: [] });
    return abort.current.signal;
  };
  const run = async (): Promise<void> => {
    const signal = begin();
    try {
      for await (const line of readLines<CallLine>("call", { body: bodyOf(order), signal })) {
        setState((now) => ({
          ...now,
          lines: [...now.lines, line],
          explained: line.type === "end" ? (line.explained ?? now.explained) : now.explained,
        }));
      }
      setState((now) => ({ ...now, isRunning: false }));
      invalidate("ledger", "overview", "usage");
    } catch (reason) {
      if (!signal.aborted) setState((now) => ({ ...now, isRunning: false, error: asApiError(reason) }));
    }
  };
  const explain = async (): Promise<void> => {
    const signal = begin();
    try {
      const explained = await postJson<Explained>("explain", bodyOf(order));
      if (!signal.aborted) setState({ isRunning: false, lines: [], explained });
    } catch (reason) {
      if (!signal.aborted) setState({ isRunning: false, lines: [], error: asApiError(reason) });
    }
  };
  const stop = (): void => {
    abort.current?.abort();
    setState((now) => ({ ...now, isRunning: false }));
  };
  return {
    isRunning: state.isRunning,
    lines: state.lines,
    explained: state.explained,
    error: state.error,
    run: () => void run(),
    explain: () => void explain(),
    stop,
  };
}

const bodyOf = ({ scope, ...order }: CallPlan): CallOrder => ({
  ...order,
  ...(scope === "" ? {} : { scopes: scope === "none" ? [] : scope.split(" ") }),
});
