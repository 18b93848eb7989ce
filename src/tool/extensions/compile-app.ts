import { checkHidden } from "../checks.ts";
import type { Tool } from "../define-tool.ts";
import type { CompiledResource, RegisteredTool } from "../registry.ts";
import type { ScopeCatalogue } from "../scopes.ts";
import type { AppCsp, AppDeclaration } from "./define-app.ts";

/** MCP Apps: exactly this. */
export const APP_MIME_TYPE = "text/html;profile=mcp-app";
const MAX_HTML_BYTES = 1024 * 1024;

/** Problems that an app has beside those of any resource. */
export function checkApp(app: AppDeclaration): string[] {
  const problems: string[] = [];
  if (!/^ui:\/\/[\w.~-]+(?:\/[\w.~-]+)*$/.test(app.uri)) problems.push("has a URI of another form than ui://name or ui://name/page.html");
  if (!isDocument(app.html))
    problems.push("has html that is not a whole HTML5 document; begin it with <!doctype html>, then <html> to </html>");
  if (Buffer.byteLength(app.html) > MAX_HTML_BYTES) problems.push(`has html of more than ${MAX_HTML_BYTES} bytes`);
  for (const [directive, sources] of Object.entries(app.csp ?? {}) as [keyof AppCsp, readonly string[]][]) {
    for (const source of sources) {
      if (!isOrigin(source, directive)) problems.push(`has "${source}" in csp.${directive}; name origins such as https://cdn.example.com`);
    }
  }
  return [...problems, ...checkHidden(app.html.replaceAll("\r\n", "\n"))].map((problem) => `app "${app.uri}" ${problem}`);
}

function isDocument(html: string): boolean {
  return /^\s*<!doctype html>\s*(?:<!--[\s\S]*?-->\s*)*<html[\s>]/i.test(html) && /<\/html>\s*$/i.test(html);
}

/** An origin, `*.` allowed before a name with a dot in it. */
function isOrigin(source: string, directive: keyof AppCsp): boolean {
  const schemes = directive === "connectDomains" ? "https|wss" : "https";
  return new RegExp(`^(?:${schemes})://(?:\\*\\.(?=[^.]+\\.))?[a-z0-9-]+(?:\\.[a-z0-9-]+)*(?::\\d{1,5})?$`).test(source);
}

/** An app as the resource that hosts read. What it may do stands with its contents, and in the list for hosts that look there. */
export function appResource(app: AppDeclaration): CompiledResource {
  const { uri, name, title, description, scopes, html, csp, permissions, prefersBorder } = app;
  const ui = {
    ...(csp === undefined ? {} : { csp }),
    ...(permissions === undefined ? {} : { permissions: Object.fromEntries(permissions.map((permission) => [permission, {}])) }),
    ...(prefersBorder === undefined ? {} : { prefersBorder }),
  };
  const members = Object.keys(ui).length === 0 ? {} : { _meta: { ui } };
  const contents = { uri, mimeType: APP_MIME_TYPE, text: html, ...members };
  return { uri, name, title, description, scopes, mimeType: APP_MIME_TYPE, members, isListed: true, read: () => [contents] };
}

/** What is wrong with the apps that tools show. A tool without an app has no problems here. */
export function checkShown(tools: Iterable<RegisteredTool>, apps: readonly AppDeclaration[], scopes: ScopeCatalogue): string[] {
  return [...tools].flatMap(({ tool }) => checkTool(tool, apps, scopes).map((problem) => `tool "${tool.name}" ${problem}`));
}

function checkTool({ ui, scopes: needed }: Tool, apps: readonly AppDeclaration[], scopes: ScopeCatalogue): string[] {
  if (ui === undefined) return [];
  const problems: string[] = [];
  const app = apps.find(({ uri }) => uri === ui.resource);
  if (app === undefined) problems.push(`shows "${ui.resource}", which is no app; declare it with defineApp or correct the name`);
  const { held } = scopes.parse(needed.join(" "));
  const beyond = app?.scopes.filter((scope) => !held.has(scope)) ?? [];
  if (beyond.length > 0)
    problems.push(
      `shows "${ui.resource}", which needs ${beyond.join(" ")} too, so not every caller could load it; let the app need no more than the tool`,
    );
  if (ui.visibility?.length === 0) problems.push('is visible to nobody; leave ui.visibility out, or name "model" or "app"');
  return problems;
}
