/**
 * What comes back from the store has the type that went in: a workflow states it (`flow.wait<Approval>`), the name of the
 * step is its address. This is the border between the engine's JSON and the workflow's types, and its only cast.
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller's claim is the point
export function fromStore<T>(value: unknown): T {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  return value as T;
}
