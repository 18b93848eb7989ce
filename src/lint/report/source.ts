/** From where the tools were read, for reports that point there. */
export interface Source {
  /** A path relative to where the command runs, or a URL. */
  readonly uri: string;
  /** The text of the file, when it is one. */
  readonly text?: string;
}

/** The line on which a name first stands as a string, from 1; 1 when it does not. */
export function lineOf({ text }: Source, name: string | undefined): number {
  if (text === undefined || name === undefined) return 1;
  const at = text.indexOf(`"${name}"`);
  return at < 0 ? 1 : text.slice(0, at).split("\n").length;
}
