#!/usr/bin/env node
// Starts the command line: from the build in an installed package, from the source in a checkout.
import { existsSync } from "node:fs";
// As a whole: an older Node knows no such name, and would say that instead of what it lacks.
import * as module from "node:module";

const [major = 0] = process.versions.node.split(".").map(Number);
if (major < 24) {
  console.error(`Remit needs Node 24 or newer; this is ${process.version}. In a checkout, npm scripts and npx bring their own.`);
  process.exit(1);
}
module.enableCompileCache?.();
const source = new URL("../src/cli/main.ts", import.meta.url);
await import(existsSync(source) ? source.href : new URL("../dist/cli/main.js", import.meta.url).href);
