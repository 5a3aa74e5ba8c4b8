/**
 * Where a process that gets an environment of its own finds what others have compiled before: half of its start is the
 * compiling. Empty where nobody keeps it.
 */
export function compiled(): Readonly<Record<string, string>> {
  const folder = process.env["NODE_COMPILE_CACHE"];
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: folder };
}
