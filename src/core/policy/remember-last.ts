/**
 * The same function, which gives its last answer again when it is asked with the very same values: several rules of one
 * verdict ask the same, one after the other. The function must be pure and its arguments values.
 */
export function rememberLast<Arguments extends readonly unknown[], Answer>(
  answer: (...asked: Arguments) => Answer,
): (...asked: Arguments) => Answer {
  let last: { readonly asked: Arguments; readonly given: Answer } | null = null;
  return (...asked) => {
    if (last !== null && isSame(last.asked, asked)) return last.given;
    const given = answer(...asked);
    last = { asked, given };
    return given;
  };
}

function isSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let place = 0; place < a.length; place++) if (a[place] !== b[place]) return false;
  return true;
}
