/**
 * URI templates with `{name}` standing for one whole path segment (a subset of RFC 6570 level 1). Matching is by splitting,
 * never by a regular expression, so its time is linear in the URI.
 */
export interface UriTemplate {
  readonly variables: readonly string[];
  /** The values of the variables, percent-decoded, or undefined when the URI does not match. */
  match(uri: string): Readonly<Record<string, string>> | undefined;
}

const VARIABLE = /^\{([A-Za-z_][A-Za-z0-9_]*)\}$/;
const MAX_URI_CHARS = 2048;

export function isTemplate(uri: string): boolean {
  return uri.includes("{");
}

/** Returns a sentence that says what is wrong with the template, or the template. */
export function parseUriTemplate(template: string): UriTemplate | string {
  const segments = template.split("/");
  const names: string[] = [];
  for (const segment of segments) {
    if (!segment.includes("{") && !segment.includes("}")) continue;
    const name = VARIABLE.exec(segment)?.[1];
    if (name === undefined) return `"${segment}" mixes text and variables; let each {variable} be a whole path segment`;
    if (names.includes(name)) return `the variable {${name}} stands twice`;
    names.push(name);
  }
  return { variables: names, match: (uri: string) => matchSegments(segments, uri) };
}

function matchSegments(segments: readonly string[], uri: string): Record<string, string> | undefined {
  if (uri.length > MAX_URI_CHARS) return undefined;
  const parts = uri.split("/");
  if (parts.length !== segments.length) return undefined;
  const values: Record<string, string> = {};
  for (const [i, segment] of segments.entries()) {
    const part = parts[i] ?? "";
    const name = VARIABLE.exec(segment)?.[1];
    if (name === undefined) {
      if (segment !== part) return undefined;
      continue;
    }
    const value = decode(part);
    if (value === undefined || value === "" || value.includes("/")) return undefined;
    values[name] = value;
  }
  return values;
}

function decode(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
