import { readGeneric } from "#connectors/hooks/generic.ts";
import { readGitHub } from "#connectors/hooks/github.ts";
import { readGitLab } from "#connectors/hooks/gitlab.ts";
import { readJenkins } from "#connectors/hooks/jenkins.ts";
import type { HookIntent, HookScheme } from "#core/release/hook-intent.ts";
import { err, type Result } from "#core/result.ts";

const readers: Readonly<Record<HookScheme, (event: string, body: unknown) => Result<HookIntent, string>>> = {
  standard: readGeneric,
  github: readGitHub,
  gitlab: readGitLab,
  jenkins: readJenkins,
};

/** What a stored delivery asks of us; the error is a sentence that names the first thing that does not fit. */
export function readHook(scheme: HookScheme, event: string, body: string): Result<HookIntent, string> {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return err("the body is not JSON");
  }
  return readers[scheme](event, value);
}
