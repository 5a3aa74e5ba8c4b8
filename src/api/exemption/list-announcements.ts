import { answer, defineHandler } from "#api/handler.ts";
import { presentAnnouncement } from "#api/exemption/present.ts";
import { listAnnouncements } from "#contract/emergency.ts";

export const listAnnouncementsHandler = defineHandler(listAnnouncements, async (deps, call) => {
  const { person = null, object = null, limit } = call.query;
  const items = await deps.exemptions.listAnnouncements({ person, object }, limit);
  return answer(200, { items: items.map(presentAnnouncement) });
});
