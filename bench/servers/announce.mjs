import net from "node:net";

/** Tells the parent process, as one JSON line, where this server listens and what a caller needs. */
export function announce(listening) {
  process.stdout.write(`${JSON.stringify(listening)}\n`);
}

/** A TCP port of 127.0.0.1 that is free now, for servers that cannot say which one port 0 gave them. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => (typeof address === "object" && address !== null ? resolve(address.port) : reject(new Error("no port"))));
    });
  });
}
