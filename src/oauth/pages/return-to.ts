/** Where people go after signing in when nothing else was asked for. */
export const HOME_PATH = "/account";

const MAX_CHARS = 2048;
// Browsers read a backslash as a slash and drop tabs and line ends; a percent sign before CR or LF is how headers are split downstream.
// oxlint-disable-next-line no-control-regex -- these are the ones to refuse
const UNSAFE = /[\\\u0000-\u001f\u007f]|%0[ad]/i;

/** A path of this server to go on to, or the account page when the value could lead anywhere else. */
export function parseReturnTo(value: string | null | undefined): string {
  if (value === null || value === undefined || value.length > MAX_CHARS || !/^\/(?!\/)/.test(value) || UNSAFE.test(value)) return HOME_PATH;
  const url = URL.parse(value, "https://own.invalid");
  // Dot segments may leave two slashes in front, which name another host.
  if (url === null || url.origin !== "https://own.invalid" || url.pathname.startsWith("//")) return HOME_PATH;
  return url.pathname + url.search;
}

/** The sign-in page that leads to `path`. */
export function signInPath(path: string): string {
  return `/sign-in?return_to=${encodeURIComponent(path)}`;
}
