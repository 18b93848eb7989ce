import net from "node:net";

/** A connection on which one request is sent, whose answer is a stream that stays open. */
export interface OpenStream {
  /** Rejects when it is refused or cut before the first event. */
  readonly begun: Promise<void>;
  isOpen(): boolean;
  localPort(): number;
  /** Everything that was read so far. */
  text(): string;
  resume(): void;
  close(): void;
}

/** With `isReading` false nothing is ever read, as by a client that hangs. */
export function openStream(port: number, request: Buffer, isReading = true): OpenStream {
  let text = "";
  let isOpen = true;
  let localPort = 0;
  let hasBegun = false;
  const { promise: begun, resolve, reject } = Promise.withResolvers<void>();
  const socket = net.connect({ host: "127.0.0.1", port });
  socket.once("connect", () => {
    localPort = socket.localPort ?? 0;
    socket.write(request);
    if (!isReading) resolve();
  });
  const read = () =>
    socket.setEncoding("latin1").on("data", (chunk: string) => {
      text += chunk;
      if (hasBegun) return;
      hasBegun = text.includes("\ndata: ");
      if (hasBegun) resolve();
      else if (/^HTTP\/1.1 [^2]/.test(text)) reject(new Error(`not a stream: ${text.slice(0, 500)}`));
    });
  if (isReading) read();
  socket.on("error", () => undefined);
  socket.once("close", () => {
    isOpen = false;
    reject(new Error(`closed before it began: ${text.slice(0, 500)}`));
  });
  begun.catch(() => undefined);
  return { begun, isOpen: () => isOpen, localPort: () => localPort, text: () => text, resume: read, close: () => void socket.destroy() };
}
