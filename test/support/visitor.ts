/** A person with a browser that has no script: it keeps cookies, follows redirects on its own origin and submits forms as they are. */

export interface Field {
  readonly name: string;
  readonly value: string;
  readonly type: string;
  readonly isChecked: boolean;
  readonly isDisabled: boolean;
}

export interface Form {
  readonly action: string;
  readonly method: string;
  readonly fields: readonly Field[];
  /** Name, value and text of its submit buttons. */
  readonly buttons: readonly { readonly name: string; readonly value: string; readonly text: string }[];
}

export interface Page {
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
  readonly html: string;
  readonly forms: readonly Form[];
  /** Set when a redirect left the origin; then nothing was fetched there. */
  readonly left: URL | undefined;
}

/** What a person changes in a form before sending it. */
export interface Entries {
  readonly fill?: Readonly<Record<string, string>>;
  /** Checkboxes and radio buttons by value; all others of that name are cleared. */
  readonly choose?: Readonly<Record<string, readonly string[]>>;
  /** Text of the button to press; the first one otherwise. */
  readonly press?: string | RegExp;
}

export interface Visitor {
  open(url: string): Promise<Page>;
  /** Submits a form of a page: the one with a button or an action that matches `which`, or the first. */
  submit(page: Page, entries?: Entries, which?: RegExp): Promise<Page>;
  readonly cookies: Map<string, string>;
}

interface Init {
  readonly method: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const MAX_REDIRECTS = 10;

export function createVisitor(origin: string): Visitor {
  const cookies = new Map<string, { value: string; path: string }>();

  async function send(url: URL, init: Init): Promise<Response> {
    const cookie = [...cookies]
      .filter(([, { path }]) => url.pathname.startsWith(path))
      .map(([key, { value }]) => `${key.split(" ")[0]}=${value}`);
    const headers = { ...init.headers, accept: "text/html", ...(cookie.length > 0 ? { cookie: cookie.join("; ") } : {}) };
    const response = await fetch(url, { ...init, headers, redirect: "manual" });
    for (const line of response.headers.getSetCookie()) keep(line);
    return response;
  }

  function keep(line: string): void {
    const [pair = "", ...attributes] = line.split(";").map((part) => part.trim());
    const name = pair.slice(0, pair.indexOf("="));
    const value = pair.slice(pair.indexOf("=") + 1);
    const path = attributes.find((part) => /^path=/i.test(part))?.slice(5) ?? "/";
    const isGone = attributes.some((part) => /^max-age=0$/i.test(part) || /^expires=Thu, 01 Jan 1970/i.test(part)) || value === "";
    if (isGone) cookies.delete(`${name} ${path}`);
    else cookies.set(`${name} ${path}`, { value, path });
  }

  async function follow(url: URL, init: Init): Promise<Page> {
    let at = url;
    let response = await send(at, init);
    for (let i = 0; i < MAX_REDIRECTS && response.status >= 300 && response.status < 400; i++) {
      const to = new URL(response.headers.get("location") ?? "", at);
      if (to.origin !== origin) return pageOf(at, response, { html: "", left: to });
      at = to;
      response = await send(at, { method: "GET" });
    }
    return pageOf(at, response, { html: await response.text() });
  }

  return {
    open: (url) => follow(new URL(url, origin), { method: "GET" }),
    async submit(page, entries = {}, which) {
      const form = page.forms.find(
        (each) => which === undefined || which.test(each.action) || each.buttons.some(({ text }) => which.test(text)),
      );
      if (form === undefined) throw new Error(`no form ${which ?? ""} on ${page.url.pathname}:\n${page.html}`);
      const body = encode(form, entries);
      const url = new URL(form.action, page.url);
      if (form.method === "get") return follow(new URL(`${url.pathname}?${body}`, url), { method: "GET" });
      const headers = { "content-type": "application/x-www-form-urlencoded", origin: page.url.origin, "sec-fetch-site": "same-origin" };
      return follow(url, { method: "POST", body: body.toString(), headers });
    },
    get cookies() {
      return new Map([...cookies].map(([key, { value }]) => [key.split(" ")[0] ?? "", value]));
    },
  };
}

function encode(form: Form, { fill = {}, choose = {}, press }: Entries): URLSearchParams {
  const body = new URLSearchParams();
  for (const { name, value, type, isChecked, isDisabled } of form.fields) {
    if (name === "" || isDisabled) continue;
    const chosen = choose[name];
    if (type === "checkbox" || type === "radio") {
      if (chosen === undefined ? isChecked : chosen.includes(value)) body.append(name, value);
    } else body.append(name, fill[name] ?? value);
  }
  const isPressed = (text: string) => press === undefined || (typeof press === "string" ? text === press : press.test(text));
  const button = form.buttons.find(({ text }) => isPressed(text));
  if (press !== undefined && button === undefined) throw new Error(`no button ${press}`);
  if (button !== undefined && button.name !== "") body.append(button.name, button.value);
  return body;
}

function pageOf(url: URL, { status, headers }: Response, seen: { readonly html: string; readonly left?: URL }): Page {
  return { url, status, headers, html: seen.html, forms: parseForms(seen.html), left: seen.left };
}

function parseForms(html: string): Form[] {
  return [...html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/gi)].map(([, head = "", inner = ""]) => ({
    action: attribute(head, "action") ?? "",
    method: (attribute(head, "method") ?? "get").toLowerCase(),
    fields: [...parseInputs(inner), ...parseSelects(inner)],
    buttons: [...inner.matchAll(/<button\b([^>]*)>([\s\S]*?)<\/button>/gi)]
      .filter(([, tag = ""]) => (attribute(tag, "type") ?? "submit") === "submit")
      .map(([, tag = "", text = ""]) => ({
        name: attribute(tag, "name") ?? "",
        value: attribute(tag, "value") ?? "",
        text: decode(text.replace(/<[^>]*>/g, "")).trim(),
      })),
  }));
}

function parseInputs(inner: string): Field[] {
  return [...inner.matchAll(/<input\b([^>]*)>/gi)].map(([, tag = ""]) => {
    const type = (attribute(tag, "type") ?? "text").toLowerCase();
    const isBox = type === "checkbox" || type === "radio";
    const flags = ` ${tag.replace(/"[^"]*"/g, "")} `;
    return {
      name: attribute(tag, "name") ?? "",
      value: attribute(tag, "value") ?? (isBox ? "on" : ""),
      type,
      isChecked: /\schecked[\s/=]/i.test(flags),
      isDisabled: /\sdisabled[\s/=]/i.test(flags),
    };
  });
}

function parseSelects(inner: string): Field[] {
  return [...inner.matchAll(/<select\b([^>]*)>([\s\S]*?)<\/select>/gi)].map(([, tag = "", options = ""]) => {
    const all = [...options.matchAll(/<option\b([^>]*)>/gi)].map(([, option = ""]) => option);
    const selected = all.find((option) => /\sselected/i.test(option)) ?? all[0] ?? "";
    return {
      name: attribute(tag, "name") ?? "",
      value: attribute(selected, "value") ?? "",
      type: "select",
      isChecked: false,
      isDisabled: false,
    };
  });
}

function attribute(tag: string, name: string): string | undefined {
  const value = new RegExp(`\\s${name}="([^"]*)"`, "i").exec(` ${tag}`)?.[1];
  return value === undefined ? undefined : decode(value);
}

function decode(text: string): string {
  return text
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replace(/&#x([0-9a-f]+);/gi, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)))
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&");
}
