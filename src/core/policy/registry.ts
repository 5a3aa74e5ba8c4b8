import type { Rule } from "#core/policy/rule.ts";
import { approvedByAnother } from "#core/policy/rules/approved-by-another.ts";
import { artifactKnown } from "#core/policy/rules/artifact-known.ts";
import { dependenciesLive } from "#core/policy/rules/dependencies-live.ts";
import { lockFree } from "#core/policy/rules/lock-free.ts";

/** Every rule, in the order in which findings are shown. A test compares this list with the folder. */
export const rules: readonly Rule[] = [artifactKnown, dependenciesLive, approvedByAnother, lockFree];
