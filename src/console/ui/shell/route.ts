const ROOT = "/console";

interface Addressed {
  readonly path: string;
}

export const addressOf = ({ path }: Addressed): string => (path === "" ? ROOT : `${ROOT}/${path}`);

/** The screen that an address belongs to: its own or one below it (`/console/ledger/12`). */
export function screenAt<S extends Addressed>(screens: readonly S[], path: string): S | undefined {
  const below = path.slice(ROOT.length).replace(/^\/|\/$/g, "");
  return (
    screens.find((screen) => screen.path === below) ?? screens.find((screen) => screen.path !== "" && below.startsWith(`${screen.path}/`))
  );
}
