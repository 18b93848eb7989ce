/** One HTTP/1.1 response, read from text in which each character is one byte (latin1). */
export interface HttpResponse {
  readonly status: number;
  readonly body: string;
  /** Where the next response begins. */
  readonly end: number;
}

const CONTENT_LENGTH = /\r\ncontent-length:[ \t]*(\d+)/i;
const CHUNKED = /\r\ntransfer-encoding:[ \t]*chunked/i;

/** The first response in `bytes`, or undefined while it is incomplete. Throws when it is not HTTP/1.1 with a length (RFC 9112 §6). */
export function parseHttpResponse(bytes: string): HttpResponse | undefined {
  const headEnd = bytes.indexOf("\r\n\r\n");
  if (headEnd === -1) return undefined;
  if (!bytes.startsWith("HTTP/1.1 ")) throw new Error(`not an HTTP/1.1 response: ${bytes.slice(0, 40)}`);
  const status = Number(bytes.slice(9, 12));
  const head = bytes.slice(0, headEnd);
  const from = headEnd + 4;
  const length = CONTENT_LENGTH.exec(head);
  if (length !== null) {
    const end = from + Number(length[1]);
    return bytes.length < end ? undefined : { status, body: bytes.slice(from, end), end };
  }
  if (CHUNKED.test(head)) return parseChunks(bytes, from, status);
  if (status === 204 || status === 304) return { status, body: "", end: from };
  throw new Error(`a response without a length: ${head}`);
}

/** A chunked body, up to and with its last chunk and trailers (RFC 9112 §7.1). */
function parseChunks(bytes: string, from: number, status: number): HttpResponse | undefined {
  let body = "";
  let at = from;
  for (;;) {
    const lineEnd = bytes.indexOf("\r\n", at);
    if (lineEnd === -1) return undefined;
    const size = Number.parseInt(bytes.slice(at, lineEnd), 16);
    if (Number.isNaN(size)) throw new Error("a chunk without a size");
    if (size === 0) {
      // Without trailers the empty line follows at once, and its end is that of the size line.
      const end = bytes.indexOf("\r\n\r\n", lineEnd);
      return end === -1 ? undefined : { status, body, end: end + 4 };
    }
    const end = lineEnd + 2 + size;
    if (bytes.length < end + 2) return undefined;
    body += bytes.slice(lineEnd + 2, end);
    at = end + 2;
  }
}
