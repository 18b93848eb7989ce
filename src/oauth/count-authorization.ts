const NAME = "authorization";

/**
 * How many Authorization headers a request has. Node shows only the first of several; another program on the way may have read the last.
 * `rawHeaders` are names and values in turn.
 */
export function countAuthorization(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i];
    if (name?.length === NAME.length && name.toLowerCase() === NAME) count++;
  }
  return count;
}
