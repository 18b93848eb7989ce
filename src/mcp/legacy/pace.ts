/** Lets whoever fills a stream go only as fast as its reader takes from it. */
export interface Pace {
  /** The stream, to be read in place of the one that is filled. */
  wrap(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array>;
  /** Resolves when the reader comes for more, or has gone. Calls wait in line, so that each needs one reading. */
  next(): Promise<void>;
}

/** The transport of the SDK takes whatever is sent into its memory; this is what makes a sender wait for a slow reader. */
export function createPace(): Pace {
  let waiting: (() => void)[] = [];
  let isOver = false;
  // The reader may come for a message before its sender gets to wait for that; one coming is remembered, so that it is not missed.
  let hasCome = false;

  function end(): void {
    isOver = true;
    for (const resolve of waiting) resolve();
    waiting = [];
  }

  return {
    wrap(body) {
      const reader = body.getReader();
      const source = {
        async pull(controller: ReadableStreamDefaultController<Uint8Array>) {
          const first = waiting.shift();
          if (first === undefined) hasCome = true;
          else first();
          const part = await reader.read();
          if (!part.done) return controller.enqueue(part.value);
          end();
          controller.close();
        },
        cancel(reason: unknown) {
          end();
          return reader.cancel(reason);
        },
      };
      // Nothing is read ahead: a pull means that a reader waits.
      return new ReadableStream(source, { highWaterMark: 0 });
    },
    next() {
      if (!isOver && !hasCome) return new Promise((resolve) => waiting.push(resolve));
      hasCome = false;
      return Promise.resolve();
    },
  };
}
