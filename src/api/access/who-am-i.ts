import { answer, defineHandler } from "#api/handler.ts";
import { presentMe } from "#api/access/present.ts";
import { whoAmI } from "#contract/access.ts";

export const whoAmIHandler = defineHandler(whoAmI, async (_deps, call) => answer(200, presentMe(call.identity)));
