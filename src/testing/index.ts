/** `remit/testing`: a whole server in the process of a test, agents and people who use it, and what to say about what came of it. */
export { createTestServer, type TestServer, type TestServerOptions } from "./create-test-server.ts";
export type { AgentOptions, TestAgent } from "./test-agent.ts";
export type { TestCall } from "./test-call.ts";
export type { PersonOptions, TestPerson } from "./test-person.ts";
