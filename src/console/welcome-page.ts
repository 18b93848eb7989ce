import { createHash } from "node:crypto";
import { html, raw } from "hono/html";
import { connectClients } from "../connect/index.ts";
import { PAGE_HEADERS } from "./security-headers.ts";

/** A page for people who open the address that is meant for their client. */
export interface WelcomePage {
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Welcome {
  /** What people know the server by. */
  readonly name: string;
  readonly mcpUrl: string;
  /** Undefined where nobody signs in here. */
  readonly consoleUrl: string | undefined;
}

// The page stands alone: it is there also where no other page of ours is served.
const STYLE = `:root{color-scheme:light dark}body{margin:0;font:16px/1.6 system-ui,sans-serif;background:light-dark(#f7f8fa,#14161b);color:light-dark(#1d2127,#eceef2)}
main{max-width:40rem;margin:8vh auto;padding:2rem;background:light-dark(#fff,#1b1e25);border:1px solid light-dark(#dfe3e8,#343a45);border-radius:10px}
h1{margin-top:0;font-size:1.4rem}h2{font-size:1rem;margin:1.6rem 0 .3rem}p{margin:.4rem 0}
pre{white-space:pre-wrap;overflow-wrap:anywhere;padding:.7rem .9rem;border-radius:7px;background:light-dark(#eef1f5,#12141a);font:14px/1.5 ui-monospace,monospace}
a{color:light-dark(#1d4fd7,#8fb3ff)}@media(max-width:46rem){main{margin:0;border:0;border-radius:0}}`;

/** Made once: it is the same for everybody. */
export function renderWelcome({ name, mcpUrl, consoleUrl }: Welcome): WelcomePage {
  const [claude] = connectClients({ name, mcpUrl }).filter(({ id }) => id === "claude-code");
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${name}: an MCP server</title>
        <style>
          ${raw(STYLE)}
        </style>
      </head>
      <body>
        <main>
          <h1>${name} is an MCP server</h1>
          <p>
            You opened its address in a browser. It is meant for an AI client such as Claude, ChatGPT, Cursor or VS Code, which then offers
            the tools of this server to you.
          </p>
          <h2>The address for your client</h2>
          <pre>${mcpUrl}</pre>
          <p>
            Add a remote MCP server, of the kind “Streamable HTTP” where it asks. The client opens a page on which you sign in and say what
            it may do.
          </p>
          <h2>${claude?.name}</h2>
          <pre>${claude?.snippets[0]?.text}</pre>
          ${
            consoleUrl === undefined
              ? ""
              : html`<h2>Looking after this server</h2>
                  <p><a href="${consoleUrl}">Open the console</a>: other clients, tools, who may do what, and what was done.</p>`
          }
        </main>
      </body>
    </html>`;
  if (page instanceof Promise) throw new Error("The page is rendered from what is there already.");
  return { html: page.toString(), headers: { ...PAGE_HEADERS, "Content-Security-Policy": policyFor(page.toString()) } };
}

/** Nothing loads and nothing runs; the one style sheet is named by its digest. */
function policyFor(text: string): string {
  const style = /<style>([^]*?)<\/style>/.exec(text)?.[1] ?? "";
  const digest = createHash("sha256").update(style).digest("base64");
  return `default-src 'none'; style-src 'sha256-${digest}'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'`;
}
