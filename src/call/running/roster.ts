/** Where a member stands in its roster; the roster keeps it. */
export interface Seated {
  seat: number;
}

/** Who is present, where thousands come and go a second. */
export interface Roster<V extends Seated> {
  readonly size: number;
  add(member: V): void;
  /** No effect on who is not there. */
  delete(member: V): void;
  has(member: V): boolean;
  /** Those who are there now; they may go while the list is read. */
  all(): V[];
}

/** The seat of one who was not added yet. */
export const NO_SEAT = -1;

/**
 * A set as an array in which the last one takes the seat of the one who goes. V8's own sets leave a chain of outgrown tables, each of which points at
 * the next: once one of them has grown old, all that ever stood in a later one stays in memory until the next full collection, whole calls with
 * their requests and answers.
 */
export function createRoster<V extends Seated>(): Roster<V> {
  const members: V[] = [];
  const has = (member: V) => member.seat !== NO_SEAT && members[member.seat] === member;
  return {
    get size() {
      return members.length;
    },
    add(member) {
      if (has(member)) return;
      member.seat = members.length;
      members.push(member);
    },
    delete(member) {
      if (!has(member)) return;
      const last = members.pop();
      if (last !== undefined && last !== member) {
        members[member.seat] = last;
        last.seat = member.seat;
      }
      member.seat = NO_SEAT;
    },
    has,
    all: () => [...members],
  };
}
