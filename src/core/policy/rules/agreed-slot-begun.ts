import { timelineOfMoments } from "#core/policy/calendar-timeline.ts";
import { isAfter } from "#core/policy/moments.ts";
import { defineRule, notApplicable, pass, refuse } from "#core/policy/rule.ts";
import { sayInstant } from "#core/policy/say.ts";
import { always } from "#core/policy/timeline.ts";

/** A slot that has passed without a start holds nothing up: the next opening counts again. */
export const agreedSlotBegun = defineRule({
  id: "agreed-slot-begun",
  version: "2",
  title: "The slot that was agreed on has begun",
  reason: "Those who agreed on a slot made their plans by it; an earlier opening is not theirs.",
  remedy: "Wait for the slot, or agree on another one.",
  codes: ["no-agreed-slot", "slot-begun", "slot-passed", "before-slot"],
  needs: ["environment", "agreedSlot"],
  judge({ at, horizon, subject, environment, agreedSlot }) {
    if (agreedSlot === null) {
      const none = "No slot was agreed on.";
      const unknown = "No deployment is asked about, so no agreed slot is known.";
      return always(at, notApplicable("no-agreed-slot", subject.onBehalfOf === null ? unknown : none));
    }
    const zone = environment?.zone ?? null;
    const evidence = [{ kind: "slot", ref: agreedSlot.id, text: `agreed by ${agreedSlot.acceptedBy}` }];
    const begins = sayInstant(agreedSlot.from, zone);
    const begun = pass("slot-begun", `The agreed slot began on ${begins}.`, evidence);
    const sentence = `The agreed slot, begun on ${begins}, has passed; the next opening counts.`;
    const passed = pass("slot-passed", sentence, evidence);
    const remedies = [
      { kind: "wait", who: "nobody", what: `Wait until ${begins}.` },
      { kind: "change", who: "requester", what: "Agree on another slot." },
    ] as const;
    const early = refuse("wait", "before-slot", `The agreed slot begins on ${begins}.`, remedies, evidence);
    return timelineOfMoments([agreedSlot.from, agreedSlot.to], { from: at, to: horizon }, (moment) => {
      if (!isAfter(agreedSlot.to, moment)) return passed;
      return isAfter(agreedSlot.from, moment) ? early : begun;
    });
  },
});
