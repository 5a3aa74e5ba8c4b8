import type { z } from "zod";
import type { me } from "#contract/access.ts";
import { permissions } from "#contract/permission.ts";
import { can } from "#core/access/can.ts";
import type { DeepReadonly } from "#api/handler.ts";
import type { Identity } from "#usecases/access/identity.ts";

/** The permissions are those of the policy function, asked one by one: a page needs no copy of its rules. */
export function presentMe({ person, actor, credential }: Identity): DeepReadonly<z.input<typeof me>> {
  return {
    person: person.name,
    displayName: person.displayName,
    account: actor.account,
    roles: person.roles,
    teams: person.teams,
    permissions: permissions.filter((permission) => can({ person }, permission).allowed),
    method: credential.kind,
  };
}
