import type { Endpoint } from "./endpoint.ts";

export interface Found {
  readonly endpoint: Endpoint;
  readonly params: Readonly<Record<string, string>>;
}

/** The endpoint of a path below `/console/api/`, or the methods that it has instead; undefined for a path that is none. */
export function findEndpoint(
  endpoints: readonly Endpoint[],
  method: string,
  path: string,
): Found | { readonly allow: readonly string[] } | undefined {
  const asked = method === "HEAD" ? "GET" : method;
  const fitting = endpoints.flatMap((endpoint) => {
    const params = matchPath(endpoint.path, path);
    return params === undefined ? [] : [{ endpoint, params }];
  });
  const found = fitting.find(({ endpoint }) => endpoint.method === asked);
  if (found !== undefined || fitting.length === 0) return found;
  return { allow: [...new Set(fitting.map(({ endpoint }) => endpoint.method))] };
}

function matchPath(pattern: string, path: string): Readonly<Record<string, string>> | undefined {
  const wanted = pattern.split("/");
  const given = path.split("/");
  if (wanted.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [i, segment] of wanted.entries()) {
    const value = decoded(given[i] ?? "");
    if (value === undefined || value === "") return undefined;
    if (segment.startsWith(":")) params[segment.slice(1)] = value;
    else if (segment !== value) return undefined;
  }
  return params;
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
