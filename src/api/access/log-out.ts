import { answer, defineHandler } from "#api/handler.ts";
import { logOut } from "#contract/access.ts";

/** Ends the session of this browser. A token is not ended by this: that is `revokeToken`. */
export const logOutHandler = defineHandler(logOut, async (deps, call) => {
  const { credential } = call.identity;
  if (credential.kind !== "session") return answer(200, { ended: false });
  const ended = await deps.access.revokeToken({ id: credential.id }, call);
  return answer(200, { ended }, { session: { kind: "end" } });
});
