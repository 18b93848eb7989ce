/** What all that the console sends has in common: it is framed by nobody, sniffed by nobody, and told to nobody else. */
const ALWAYS = {
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Resource-Policy": "same-origin",
} as const;

/** Of the API: never a document, and never kept. */
export const API_HEADERS: Readonly<Record<string, string>> = {
  ...ALWAYS,
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
  "Cache-Control": "no-store",
  Vary: "Cookie",
};

/** Of pages: all comes from here, no script is written into a page, and no text becomes markup (Trusted Types). */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  ...ALWAYS,
  "Content-Security-Policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; "),
  "Cross-Origin-Opener-Policy": "same-origin",
  "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
};

export const ASSET_HEADERS: Readonly<Record<string, string>> = ALWAYS;
