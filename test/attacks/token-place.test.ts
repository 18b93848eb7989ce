import assert from "node:assert/strict";
import { createServer } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { describe, test } from "node:test";
import { isRefusal } from "../../src/errors.ts";
import { readBearer } from "../../src/oauth/index.ts";
import { basic, startIssuer } from "../support/issuer.ts";

const ABC = ["Authorization", "Bearer abc"];

function read(rawHeaders: string[], search = ""): string {
  const valueOf = (name: string): string | undefined => {
    const at = rawHeaders.findIndex((text, i) => i % 2 === 0 && text.toLowerCase() === name);
    return at < 0 ? undefined : rawHeaders[at + 1];
  };
  const result = readBearer({ authorization: valueOf("authorization"), dpop: valueOf("dpop") }, rawHeaders, search);
  if (isRefusal(result)) return result.refused;
  return typeof result === "string" ? result : `${result.token} with ${result.proof}`;
}

describe("T13: where an access token may stand", () => {
  const cases: [string, string[], string, string][] = [
    ["one Authorization header", ABC, "", "abc"],
    ["a scheme in any case", ["authorization", "bEARER abc"], "", "abc"],
    ["several spaces after the scheme", ["Authorization", "Bearer   abc"], "", "abc"],
    [
      "beside other headers and parameters",
      ["Host", "x", "AUTHORIZATION", "Bearer abc", "Cookie", "access_token=evil"],
      "?q=access_token",
      "abc",
    ],
    ["nowhere", ["Host", "x"], "", "missing_token"],
    ["a cookie only", ["Cookie", "access_token=abc; token=abc"], "", "missing_token"],
    ["another scheme", ["Authorization", "Basic YTpi"], "", "missing_token"],
    ["a scheme that begins like ours", ["Authorization", "BearerX abc"], "", "missing_token"],
    ["DPoP with a proof", ["Authorization", "DPoP abc", "DPoP", "proof"], "", "abc with proof"],
    ["DPoP without a proof", ["Authorization", "DPoP abc"], "", "invalid_dpop_proof"],
    ["DPoP with two proofs", ["Authorization", "DPoP abc", "DPoP", "proof", "dpop", "proof"], "", "invalid_dpop_proof"],
    ["DPoP without a token", ["Authorization", "DPoP", "DPoP", "proof"], "", "invalid_token"],
    ["a bearer token and a proof", [...ABC, "DPoP", "proof"], "", "abc"],
    ["an empty header", ["Authorization", ""], "", "missing_token"],
    ["the scheme alone", ["Authorization", "Bearer"], "", "invalid_token"],
    ["two tokens in one header", ["Authorization", "Bearer abc def"], "", "invalid_token"],
    ["two headers", [...ABC, ...ABC], "", "token_in_wrong_place"],
    ["two headers in different case", [...ABC, "AUTHORIZATION", "Basic YTpi"], "", "token_in_wrong_place"],
    ["the query", ["Host", "x"], "?access_token=abc", "token_in_wrong_place"],
    ["the query beside others", ["Host", "x"], "?a=1&access_token=", "token_in_wrong_place"],
    ["the query, encoded", ["Host", "x"], "?%61ccess%5Ftoken=abc", "token_in_wrong_place"],
    ["the header and the query", ABC, "?access_token=abc", "token_in_wrong_place"],
  ];
  for (const [title, headers, search, expected] of cases) {
    test(`T13: ${title}: ${expected}`, () => assert.equal(read(headers, search), expected));
  }

  test("T13: a real request with two Authorization headers is seen as such, though Node shows only one", async (t) => {
    const answers: string[] = [];
    const server = createServer((req, res) => {
      const result = readBearer(req.headers, req.rawHeaders, "");
      answers.push(isRefusal(result) ? result.refused : "accepted");
      res.end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    t.after(() => server.close());
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    socket.end("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer good\r\nauthorization: Bearer evil\r\n\r\n");
    for await (const _chunk of socket);
    assert.deepEqual(answers, ["token_in_wrong_place"]);
  });
});

test("T34: no header of a request changes what the issuer says", async (t) => {
  const as = await startIssuer(t);
  const agent = await as.agent("org:read");
  const hostile: [string, string][] = [
    ["Host", "evil.example"],
    ["X-Forwarded-Host", "evil.example"],
    ["X-Forwarded-Proto", "https"],
    ["X-Forwarded-For", "1.2.3.4"],
    ["X-Forwarded-Prefix", "/evil"],
    ["Forwarded", "host=evil.example;proto=https"],
    ["X-Original-URL", "/evil"],
    ["Origin", "https://evil.example"],
    ["Accept", "text/html"],
    ["Cookie", "_session=evil"],
  ];
  const body = "grant_type=client_credentials&scope=org:read";
  const request = (target: string, headers: [string, string][]): string => {
    const all = [["Host", new URL(as.origin).host], ["Authorization", basic(agent).authorization ?? ""], ...headers];
    const unique = [...new Map(all.map(([name = "", value = ""]) => [name, value]))];
    const head = unique.map(([name, value]) => `${name}: ${value}\r\n`).join("");
    return `POST ${target} HTTP/1.1\r\n${head}Connection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  };
  const send = async (text: string): Promise<string> => {
    const socket = connect(Number(new URL(as.origin).port), "127.0.0.1");
    socket.write(text);
    let answer = "";
    for await (const chunk of socket) answer += String(chunk);
    return answer;
  };
  /** The answer without what differs from one token to the next. */
  const plain = (answer: string): string =>
    answer
      .replace(/"access_token":"([^"]+)"/, (_all, token: string) => {
        const {
          jti: _jti,
          iat: _iat,
          exp: _exp,
          ...rest
        } = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as Record<string, unknown>;
        return JSON.stringify(rest);
      })
      .replace(/\r\nDate: [^\r]+/, "");
  const expected = plain(await send(request("/token", [])));
  assert.match(expected, /^HTTP\/1\.1 200 OK/);
  assert.ok(expected.includes(as.resource));
  for (const header of hostile) assert.equal(plain(await send(request("/token", [header]))), expected, header.join(": "));
  assert.equal(plain(await send(request("/token", hostile))), expected);
  assert.ok(!`${as.issuer.metadata}${as.issuer.jwks()}`.includes("evil"));
});
