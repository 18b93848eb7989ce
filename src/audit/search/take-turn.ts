let lastTurn: Promise<void> = Promise.resolve();

/** However many read through the ledger at once, one part is read between two looks at what else is to be done. */
export function takeTurn(): Promise<void> {
  lastTurn = lastTurn.then(() => new Promise((resolve) => setImmediate(resolve)));
  return lastTurn;
}
