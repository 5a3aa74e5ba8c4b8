import type { UnknownName } from "#usecases/calendar/cover-types.ts";

export function nameDetail({ code, name }: UnknownName): string {
  return code === "no-such-team"
    ? `the configuration has no team ${name}.`
    : `the configuration has no person ${name}. Declare the person, or translate the name in \`persons\`.`;
}
