import { stops, type Stance } from "#core/policy/timeline.ts";

/** For segments of which no two that stop ask for the same deeds: each has a stance of its own, small and above 0. */
export function stanceOfItsOwn(): (ms: number) => Stance {
  const known = new Map<number, Stance>();
  return (ms) => {
    const stance = known.get(ms) ?? stops + known.size;
    known.set(ms, stance);
    return stance;
  };
}
