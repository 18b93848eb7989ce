/** Debian's Chromium, as every check in a browser starts it: it asks nothing of anybody by itself. */
import { chromium, type Browser } from "playwright-core";

export const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The names given are of this computer. */
export function launchChromium(localNames: readonly string[] = []): Promise<Browser> {
  const rules = localNames.map((name) => `MAP ${name} 127.0.0.1`).join();
  return chromium.launch({ executablePath: CHROMIUM, args: rules === "" ? ARGUMENTS : [...ARGUMENTS, `--host-resolver-rules=${rules}`] });
}
