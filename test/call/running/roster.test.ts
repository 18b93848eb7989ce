import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createRoster, NO_SEAT } from "../../../src/call/running/index.ts";

test("a roster has who came and did not go, however often and in whatever order", () => {
  const step = fc.record({ who: fc.nat(7), comes: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const people = Array.from({ length: 8 }, (_, name) => ({ name, seat: NO_SEAT }));
      const roster = createRoster<{ readonly name: number; seat: number }>();
      const expected = new Set<{ readonly name: number; seat: number }>();
      for (const { who, comes } of steps) {
        const person = people[who];
        assert.ok(person);
        if (comes) roster.add(person);
        else roster.delete(person);
        if (comes) expected.add(person);
        else expected.delete(person);
        assert.equal(roster.size, expected.size);
        assert.deepEqual(new Set(roster.all()), expected);
        for (const each of people) assert.equal(roster.has(each), expected.has(each));
      }
    }),
  );
});

test("those who are listed may go while the list is read", () => {
  const roster = createRoster<{ seat: number }>();
  for (let i = 0; i < 5; i++) roster.add({ seat: NO_SEAT });
  let told = 0;
  for (const each of roster.all()) {
    roster.delete(each);
    told++;
  }
  assert.deepEqual([told, roster.size], [5, 0]);
});
