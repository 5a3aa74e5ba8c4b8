import { answer, defineHandler } from "#api/handler.ts";
import { revokeToken } from "#contract/access.ts";

/** False for an unknown token and for another person's alike: the answer tells nothing about tokens of others. */
export const revokeTokenHandler = defineHandler(revokeToken, async (deps, call) =>
  answer(200, { revoked: await deps.access.revokeToken({ id: call.params.id }, call) }),
);
