import type { Writable } from "node:stream";

/** Lines to a reader that may be slow. */
export interface Output {
  /** Resolves once there is room for more. */
  write(line: string): Promise<void>;
  /** Settles when the reader has gone. */
  readonly broken: Promise<void>;
}

export function createOutput(stream: Writable): Output {
  const { promise: broken, resolve } = Promise.withResolvers<void>();
  let isBroken = false;
  let drained: Promise<void> | undefined;
  stream.on("error", () => {
    isBroken = true;
    resolve();
  });
  return {
    broken,
    async write(line) {
      if (isBroken || (stream.write(`${line}\n`) && drained === undefined)) return;
      drained ??= Promise.race([new Promise<void>((done) => stream.once("drain", done)), broken]).finally(() => (drained = undefined));
      await drained;
    },
  };
}
