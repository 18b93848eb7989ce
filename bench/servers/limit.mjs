/**
 * The limit: what `node:http` can do when all it has to do is to collect the body, parse it as JSON and answer the same
 * JSON. Nothing is checked, decided or recorded.
 */
import http from "node:http";
import { announce } from "./announce.mjs";

const server = http.createServer((req, res) => {
  const chunks = [];
  req.on("data", (chunk) => chunks.push(chunk));
  req.on("end", () => {
    const { id, params } = JSON.parse(Buffer.concat(chunks).toString());
    const answer = JSON.stringify({
      jsonrpc: "2.0",
      id,
      result: {
        content: [{ type: "text", text: params.arguments.text }],
        resultType: "complete",
        _meta: { "io.modelcontextprotocol/serverInfo": { name: "bench", version: "1.0.0" } },
      },
    });
    res.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(answer) });
    res.end(answer);
  });
});

server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (typeof address === "object" && address !== null) announce({ port: address.port });
});
