import { watch, type FSWatcher } from "node:fs";
import { registerHooks } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const SOURCE = /\.(?:[cm]?[jt]sx?|json)$/;
/** Saving is several events of the file system. */
const SETTLE_MS = 40;

export interface Watching {
  /** The first file, as a path from here, that is changed, made or removed in a folder that a module came from. */
  readonly changed: Promise<string>;
  close(): void;
}

/**
 * Watches the folders of every module that is loaded from now on, but those of packages. Folders rather than files, because many editors save by
 * putting another file in the place of the old one.
 */
export function watchModules(): Watching {
  const watchers = new Map<string, FSWatcher>();
  const { promise: changed, resolve } = Promise.withResolvers<string>();
  function watchFolder(folder: string): void {
    if (watchers.has(folder)) return;
    const watcher = watch(folder, (_event, name) => {
      if (name === null || !SOURCE.test(name)) return;
      setTimeout(() => resolve(relative(process.cwd(), join(folder, name))), SETTLE_MS);
    });
    // A folder that is removed, or one too many for the system: the others are watched all the same.
    watcher.on("error", () => watcher.close());
    watchers.set(folder, watcher);
  }
  const hooks = registerHooks({
    load(url, context, nextLoad) {
      if (url.startsWith("file:") && !url.includes("/node_modules/")) watchFolder(dirname(fileURLToPath(url)));
      return nextLoad(url, context);
    },
  });
  return {
    changed,
    close() {
      hooks.deregister();
      for (const watcher of watchers.values()) watcher.close();
    },
  };
}
