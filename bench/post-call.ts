import http from "node:http";
import { callBody, callHeaders, type Target, type ToolCall } from "./tool-call.ts";

export interface PostAnswer {
  readonly status: number;
  readonly body: string;
}

/** Sends one call; resolves with an answer that came whole, rejects when it was cut short or never came. */
export function postCall(target: Target, call: ToolCall, agent: http.Agent | false = false): Promise<PostAnswer> {
  return new Promise((resolve, reject) => {
    const body = callBody(target, call);
    const headers = { ...callHeaders(target, call), "content-length": Buffer.byteLength(body) };
    const request = http.request({ host: "127.0.0.1", port: target.port, path: "/mcp", method: "POST", agent, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.once("end", () =>
        response.complete ? resolve({ status: response.statusCode ?? 0, body: text }) : reject(new Error("cut short")),
      );
      response.once("error", reject);
    });
    request.once("error", reject);
    request.end(body);
  });
}
