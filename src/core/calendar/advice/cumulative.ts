/**
 * The running total of a function that is constant between its borders, so that a mean over any stretch is one
 * subtraction. Questions come in rising order of time: a cursor moves along, and all of them together cost one pass.
 */
export interface Cursor {
  /** Total up to `ms`; `ms` may not be before that of the last question. */
  readonly upTo: (ms: number) => number;
}

export interface Step {
  readonly fromMs: number;
  readonly value: number;
}

/** `steps` in order; before the first the value is 0, the last one lasts for ever. */
export function cursorOver(steps: readonly Step[]): Cursor {
  let index = 0;
  let total = 0;
  return {
    upTo(ms) {
      for (let next = steps[index + 1]; next !== undefined && next.fromMs <= ms; next = steps[index + 1]) {
        total += (next.fromMs - (steps[index]?.fromMs ?? 0)) * (steps[index]?.value ?? 0);
        index++;
      }
      const here = steps[index];
      return here === undefined || ms <= here.fromMs ? total : total + (ms - here.fromMs) * here.value;
    },
  };
}

/** The mean over stretches of one length whose starts are asked in rising order. */
export function meansOver(steps: readonly Step[], lengthMs: number): (fromMs: number) => number {
  const [head, tail] = [cursorOver(steps), cursorOver(steps)];
  return (fromMs) => (head.upTo(fromMs + lengthMs) - tail.upTo(fromMs)) / lengthMs;
}

/** 1 inside of the spans whose borders are given, 0 outside. */
export function indicator(borders: readonly number[]): readonly Step[] {
  return borders.map((fromMs, index) => ({ fromMs, value: index % 2 === 0 ? 1 : 0 }));
}
