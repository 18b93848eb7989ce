/** Something that subscribers may want to know. */
export type Change = "tools" | "prompts" | "resources" | { readonly resource: string };

/** Carries changes from tools to the open subscriptions of this process. */
export interface Changes {
  publish(change: Change): void;
  /** Returns the function that ends the subscription. */
  subscribe(listener: (change: Change) => void): () => void;
}

export function createChanges(): Changes {
  const listeners = new Set<(change: Change) => void>();
  return {
    publish(change) {
      for (const listener of listeners) listener(change);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
