/**
 * How many headers of a name, in lower case, a request has. Node shows only the first of several; another program on the way may have read
 * the last. `rawHeaders` are names and values in turn.
 */
export function countHeaders(rawHeaders: readonly string[], wanted: string): number {
  let count = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i];
    if (name?.length === wanted.length && name.toLowerCase() === wanted) count++;
  }
  return count;
}

export function countAuthorization(rawHeaders: readonly string[]): number {
  return countHeaders(rawHeaders, "authorization");
}
