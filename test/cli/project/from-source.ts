import { registerHooks } from "node:module";
import { pathToFileURL } from "node:url";

const SOURCES: Readonly<Record<string, string>> = { remit: "src/index.ts", "remit/testing": "src/testing/index.ts" };

/** Has projects, wherever they are, use this package as it stands in `src`, and its libraries. */
registerHooks({
  resolve(specifier, context, next) {
    const source = SOURCES[specifier];
    if (source !== undefined) return next(pathToFileURL(source).href, context);
    return next(specifier, specifier === "zod" ? { ...context, parentURL: import.meta.url } : context);
  },
});
