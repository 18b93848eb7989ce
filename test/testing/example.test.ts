// The tests of the example, which the guide shows, are run as they are.
await import("../../examples/testing/surface.test.ts");
