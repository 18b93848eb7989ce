import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createLimiter } from "../../src/lib/limiter.ts";

const DAY_MS = 86_400_000;

test("a key gets its burst at once, then one each interval, and is told how long to wait", () => {
  let at = 1_000_000;
  const limiter = createLimiter({ perSecond: 2, burst: 3, now: () => at });
  assert.deepEqual([limiter.take("a"), limiter.take("a"), limiter.take("a"), limiter.take("a")], [0, 0, 0, 1]);
  assert.equal(limiter.take("b"), 0, "another key has a bucket of its own");
  at += 500;
  assert.deepEqual([limiter.take("a"), limiter.take("a")], [0, 1]);
});

test("however the clock jumps, nobody is told to wait longer than a whole bucket takes to fill", () => {
  const jump = fc.record({ byMs: fc.integer({ min: -DAY_MS, max: DAY_MS }), calls: fc.integer({ min: 1, max: 20 }) });
  fc.assert(
    fc.property(fc.array(jump, { maxLength: 30 }), (jumps) => {
      let at = 10 * DAY_MS;
      const limiter = createLimiter({ perSecond: 1, burst: 5, now: () => at });
      for (const { byMs, calls } of jumps) {
        at += byMs;
        for (let call = 0; call < calls; call++) assert.ok(limiter.take("a") <= 5);
      }
    }),
  );
});
