/** Turns at writing, first come first served. */
export interface WriteLock {
  /** Resolves when it is the caller's turn; rejects when that takes too long. */
  take(): Promise<void>;
  release(): void;
}

export function createWriteLock(timeoutMs: number): WriteLock {
  const waiting = new Set<() => void>();
  let isTaken = false;
  return {
    take() {
      if (!isTaken) {
        isTaken = true;
        return Promise.resolve();
      }
      return new Promise((resolve, reject) => {
        const turn = (): void => {
          clearTimeout(timer);
          resolve();
        };
        // A transaction that waits for a write outside of itself would otherwise wait for ever.
        const timer = setTimeout(() => {
          waiting.delete(turn);
          reject(new Error(`The database was busy for ${timeoutMs} ms: a transaction is still open.`));
        }, timeoutMs);
        waiting.add(turn);
      });
    },
    release() {
      const [next] = waiting;
      if (next === undefined) {
        isTaken = false;
        return;
      }
      waiting.delete(next);
      next();
    },
  };
}
