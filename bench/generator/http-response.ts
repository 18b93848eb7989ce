/** One HTTP/1.1 response, read from text in which each character is one byte (latin1). */
export interface HttpResponse {
  readonly status: number;
  readonly body: string;
}

export interface ResponseReader {
  /** Takes what arrived. Returns the response once it is whole; what comes then belongs to the next one. */
  push(bytes: string): HttpResponse | undefined;
}

const CONTENT_LENGTH = /\r\ncontent-length:[ \t]*(\d+)/i;
const CHUNKED = /\r\ntransfer-encoding:[ \t]*chunked/i;

/**
 * Reads one response after another from a connection that carries one request at a time. Each byte is looked at once, however many pieces a
 * response comes in. Throws when it is not HTTP/1.1 with a length (RFC 9112 §6), and on bytes that nobody asked for.
 */
export function createResponseReader(): ResponseReader {
  let head = "";
  let body: Body | undefined;
  let status = 0;
  return {
    push(bytes) {
      let rest = bytes;
      if (body === undefined) {
        head += bytes;
        const headEnd = head.indexOf("\r\n\r\n");
        if (headEnd === -1) return undefined;
        rest = head.slice(headEnd + 4);
        head = head.slice(0, headEnd);
        status = statusOf(head);
        body = bodyOf(head, status);
      }
      if (!body.push(rest)) return undefined;
      const response = { status, body: body.text() };
      head = "";
      body = undefined;
      return response;
    },
  };
}

interface Body {
  /** True once all of it is there. */
  push(bytes: string): boolean;
  text(): string;
}

function statusOf(head: string): number {
  if (!head.startsWith("HTTP/1.1 ")) throw new Error(`not an HTTP/1.1 response: ${head.slice(0, 40)}`);
  return Number(head.slice(9, 12));
}

function bodyOf(head: string, status: number): Body {
  const length = CONTENT_LENGTH.exec(head);
  if (length !== null) return createSizedBody(Number(length[1]));
  if (CHUNKED.test(head)) return createChunkedBody();
  if (status === 204 || status === 304) return createSizedBody(0);
  throw new Error(`a response without a length: ${head}`);
}

function createSizedBody(length: number): Body {
  const pieces: string[] = [];
  let missing = length;
  return {
    push(bytes) {
      pieces.push(bytes);
      missing -= bytes.length;
      if (missing < 0) throw new Error("more bytes than one answer");
      return missing === 0;
    },
    text: () => joined(pieces),
  };
}

/** A chunked body, up to and with its last chunk; trailers are not expected (RFC 9112 §7.1). */
function createChunkedBody(): Body {
  const pieces: string[] = [];
  /** Of the chunk that is being read; undefined between chunks. */
  let missing: number | undefined;
  /** The line with the size of the next chunk as far as it is there; the end of the chunk before stands in front of it. */
  let line = "";
  return {
    push(bytes) {
      let rest = bytes;
      while (rest !== "") {
        if (missing !== undefined) {
          pieces.push(rest.slice(0, missing));
          const taken = Math.min(missing, rest.length);
          rest = rest.slice(taken);
          missing = missing === taken ? undefined : missing - taken;
          continue;
        }
        line += rest;
        rest = "";
        const from = pieces.length === 0 ? 0 : 2;
        const lineEnd = line.indexOf("\r\n", from);
        if (lineEnd === -1) return false;
        const size = Number.parseInt(line.slice(from, lineEnd), 16);
        if (Number.isNaN(size)) throw new Error("a chunk without a size");
        if (size === 0) {
          if (line.length > lineEnd + 4) throw new Error("more bytes than one answer");
          return line.endsWith("\r\n\r\n");
        }
        rest = line.slice(lineEnd + 2);
        line = "";
        missing = size;
      }
      return false;
    },
    text: () => joined(pieces),
  };
}

function joined(pieces: readonly string[]): string {
  return pieces.length === 1 ? (pieces[0] ?? "") : pieces.join("");
}
